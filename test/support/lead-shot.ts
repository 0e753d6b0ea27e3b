import { launchBrowser, openPage } from './browser.ts'
const url = process.argv[2]!
const browser = await launchBrowser()
for (const [name, path, scheme, width] of [['overview-dark', '/', 'dark', 1440], ['overview-light', '/', 'light', 1440], ['alerts-dark', '/alerts', 'dark', 1440], ['traces', '/traces', 'dark', 1440]] as const) {
  const o = await openPage(browser, url, { viewport: { width, height: 1160 }, colorScheme: scheme })
  await o.page.goto(url + path)
  await o.page.waitForTimeout(6000)
  await o.page.screenshot({ path: `/tmp/lead/${name}.png` })
  console.log(name, o.consoleErrors, o.foreignRequests)
  await o.close()
}
await browser.close()
