// Runs the login of kandy.js, and what follows it, in Node.js.

import { need, provision } from './harness.mjs'
import { STEPS, login } from './kandyjs_login.mjs'
import { WebSocket, account, request, root } from './node.mjs'

async function tool (method, endpoint, body) {
  const headers = { 'Content-Type': 'application/json' }
  const response = await request(method, `${root}/_emulator${endpoint}`, headers, JSON.stringify(body))
  need(response.http === 200, `${method} /_emulator${endpoint}: HTTP ${response.http} ${response.text}`)
  return JSON.parse(response.text)
}

// Older versions of kandy.js have v1.1 as their default.
for (const version of ['v1.2', 'v1.1']) {
  let last
  try {
    const values = await provision('login', root, account, request)
    await login(`${root}/${version}`, values, { request, WebSocket, tool }, name => { last = name })
    console.log(`login-${version}: ${STEPS.length} passed, 0 failed`)
  } catch (error) {
    const passed = Math.max(0, STEPS.findIndex(([name]) => name === last))
    console.log(`FAILED login-${version}, ${error.message}\n       source: kandy.js 2.1 to 2.6`)
    console.log(`login-${version}: ${passed} passed, 1 failed`)
    process.exitCode = 1
  }
}
// Timers that wait for frames do not hold the program.
process.exit()
