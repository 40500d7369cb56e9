// Serves page.html on a port of its own, so that the emulator is another origin, opens it in headless Chromium, and prints
// what the page reports.
//
//     node .ci/outside/browser/run.mjs BROWSER [BASE_URL [ACCOUNT_KEY ACCOUNT_SECRET]]
//
// With https, Chromium trusts the CA of NODE_EXTRA_CA_CERTS through its own database if certutil is there; otherwise it is
// told the key that Node.js has verified. With KANDY_CONNECT_TO (HOST:PORT), api.kandy.io is the emulator there.

import { spawn, spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'

const [browser] = process.argv.splice(2, 1)
const { account, request, root } = await import('../families/node.mjs')
const { provision } = await import('../families/harness.mjs')
const { families } = await import('../families/kandyjs.mjs')

const LIMIT = 60000
const folder = path.dirname(import.meta.dirname)
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'outside-browser-'))

/** The page and its modules, by the paths that they are asked for. */
const FILES = new Map([['/', 'browser/page.html'], ...['harness', 'kandyjs', 'kandyjs_login', 'kandyjs_page', 'node'].map(name =>
  [`/families/${name}.mjs`, `families/${name}.mjs`])])

function serve (report) {
  const server = http.createServer((asked, response) => {
    if (asked.method === 'POST' && asked.url === '/outcome') {
      let text = ''
      asked.on('data', chunk => { text += chunk })
      asked.on('end', () => { response.end(); report(JSON.parse(text)) })
      return
    }
    const file = FILES.get(asked.url)
    if (!file) return response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': file.endsWith('.mjs') ? 'text/javascript' : 'text/html' })
    fs.createReadStream(path.join(folder, file)).pipe(response)
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** The hash of the server's key, from a connection that Node.js has verified by the CA. */
function verifiedKey (url) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: url.hostname, port: url.port || 443, servername: url.hostname }, () => {
      const key = new X509Certificate(socket.getPeerCertificate().raw).publicKey.export({ type: 'spki', format: 'der' })
      socket.end()
      resolve(createHash('sha256').update(key).digest('base64'))
    })
    socket.on('error', reject)
  })
}

async function trust (url) {
  if (url.protocol !== 'https:') return []
  const database = path.join(home, '.pki/nssdb')
  fs.mkdirSync(database, { recursive: true })
  const certutil = (...given) => spawnSync('certutil', ['-d', `sql:${database}`, ...given]).status === 0
  const authority = ['-A', '-t', 'C,,', '-n', 'emulator', '-i', process.env.NODE_EXTRA_CA_CERTS]
  if (certutil('-N', '--empty-password') && certutil(...authority)) {
    return []
  }
  console.log('LEFT OUT: Chromium trusts the key and not the CA, as certutil (libnss3-tools) is not there')
  return [`--ignore-certificate-errors-spki-list=${await verifiedKey(url)}`]
}

process.on('uncaughtException', error => {
  console.log(`FAILED browser: ${error.message}`)
  process.exit(1)
})

const prepared = {}
for (const { name } of families) prepared[name] = await provision(`browser-${name}`, root, account, request)
const users = await provision('browser-login', root, account, request)
const given = { base: `${root}/v1.2`, root, families: prepared, login: users }

let report
const outcome = new Promise(resolve => { report = resolve })
const server = await serve(report)
const to = process.env.KANDY_CONNECT_TO
const child = spawn(browser, [
  ...await trust(new URL(root)), ...(to ? [`--host-resolver-rules=MAP api.kandy.io:443 ${to}`] : []),
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
  '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--remote-debugging-port=0', `--user-data-dir=${path.join(home, 'profile')}`,
  // The port makes the page another origin than the emulator.
  `http://127.0.0.1:${server.address().port}/#${encodeURIComponent(JSON.stringify(given))}`
], { env: { ...process.env, HOME: home }, stdio: ['ignore', 'ignore', 'pipe'], detached: true })
// The whole group: the program may be a script that starts the browser.
process.on('exit', () => {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {}
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
let words = ''
child.stderr.on('data', text => { words += text })
const ended = new Promise(resolve => {
  const fail = problem => resolve({ lines: [`FAILED browser: ${problem}: ${words.slice(-2000)}`], failed: 1 })
  child.on('error', error => fail(error.message))
  child.on('exit', code => fail(`it ended with ${code}`))
  setTimeout(fail, LIMIT, `no outcome within ${LIMIT / 1000} s`)
})

const { lines, failed } = await Promise.race([outcome, ended])
lines.forEach(line => console.log(line))
server.close()
process.exit(failed ? 1 : 0)
