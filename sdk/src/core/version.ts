// Kept equal to package.json by version.test.ts; a JSON import would not survive every bundler.
export const SDK_VERSION = '0.1.0'
