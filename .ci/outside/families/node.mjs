// What the families need of Node.js: requests without a header that the program does not send, and arguments.
//
//     node .ci/outside/families/kandyjs.mjs [BASE_URL [ACCOUNT_KEY ACCOUNT_SECRET]]
//
// NODE_EXTRA_CA_CERTS names the CA of an emulator with TLS.

import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import path from 'node:path'
import { provision, runFamily } from './harness.mjs'

const [base, key, secret] = process.argv.slice(2)
export const account = {
  key: key ?? 'AAK00000000000000000000000000000001', secret: secret ?? 'AAS00000000000000000000000000000001'
}
export const root = (base ?? 'http://127.0.0.1:8787/v1.2').replace(/\/v1\.2\/?$/, '')

/** The package ws, where the script `run` installs it: older versions of Node.js have no WebSocket. */
const packages = path.resolve(import.meta.dirname, '../../../target/outside/node_modules')
export let WebSocket
try {
  WebSocket = createRequire(packages + path.sep)('ws')
} catch {} // The families that use REST alone need no package.

export function request (method, url, headers = {}, body) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const { request: open } = url.startsWith('https') ? https : http
    const sent = open(url, { method, headers: { ...headers, ...length }, timeout: 20000 })
    sent.on('timeout', () => sent.destroy(new Error('no response within 20 seconds')))
    sent.on('error', reject)
    sent.on('response', response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({
        http: response.statusCode, type: response.headers['content-type'] ?? '', text: Buffer.concat(chunks).toString()
      }))
    })
    sent.end(body)
  })
}

/** Runs families from the command line. */
export async function run (...families) {
  let failed = 0
  for (const family of families) {
    const values = await provision(family.name, root, account, request).catch(error => {
      console.log(`FAILED ${family.name}, before the first step: ${error.message}`)
      process.exit(1)
    })
    const failures = await runFamily(family, root, values, request)
    failures.forEach(line => console.log(line))
    console.log(`${family.name}: ${family.steps.length - failures.length} passed, ${failures.length} failed`)
    failed += failures.length
  }
  process.exitCode = failed ? 1 : 0
}
