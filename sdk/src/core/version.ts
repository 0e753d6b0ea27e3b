// Kept equal to package.json by version.test.ts; a JSON import would not survive every bundler.
/**
 * The version of this package.
 *
 * @example
 * span.setAttribute('sightline.sdk.version', SDK_VERSION)
 */
export const SDK_VERSION = '0.1.0'
