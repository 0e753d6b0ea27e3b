import { launchBrowser, openPage } from './browser.ts'
const url = process.argv[2]!
const browser = await launchBrowser()
const o = await openPage(browser, url, { viewport: { width: 1440, height: 900 } })
o.page.on('response', (r) => { if (r.url().includes('woff')) console.log(r.status(), r.headers()['content-type'], r.headers()['content-length'], r.url()) })
o.page.on('requestfailed', (r) => console.log('failed', r.url(), r.failure()?.errorText))
await o.page.goto(url + '/')
await o.page.waitForTimeout(5000)
console.log(await o.page.evaluate(() => [...document.fonts].map((f) => f.family + ' ' + f.status).join('; ')), await o.page.evaluate(() => getComputedStyle(document.body).fontFamily), await o.page.evaluate(() => document.body.innerText.slice(0, 300)))
await o.page.screenshot({ path: '/tmp/lead/font.png' })
await browser.close()
