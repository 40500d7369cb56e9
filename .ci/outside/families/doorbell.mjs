// The early line of kandy.js 2: its channel is a doorbell. It knows one notification, "go and fetch", and gets the messages by
// REST. It needs an emulator with `--channel doorbell`.

import { check, provision } from './harness.mjs'
import { Page } from './kandyjs_page.mjs'
import { WebSocket, account, request, root } from './node.mjs'

const values = await provision('doorbell', root, account, request)
const [alice, bob] = [0, 1].map(() => new Page(`${root}/v1.1`, { request, WebSocket }))
try {
  await alice.getToken(values.domain_key, values.alice, values.alice_password)
  await alice.openChannel()
  await bob.getToken(values.domain_key, values.bob, values.bob_password)
  const message = { mimeType: 'text/plain', text: 'Hi' }
  await bob.ajax('POST', `/devices/messages?device_id=${values.bob_device}`, {
    message: { messageType: 'chat', contentType: 'text', destination: values.alice, UUID: values.message_id, message }
  })
  const frame = await alice.channel.receive('a notification', ({ message_type: type }) => type === 'notification')
  check('the notification', { message_type: 'gofetch' }, frame.message)
  const { messages } = await alice.ajax('GET', `/devices/messages?device_id=${values.alice_device}`)
  check('the message', message, messages[0].message)
  console.log('doorbell: 1 passed, 0 failed')
  await alice.channel.close()
  process.exit(0)
} catch (error) {
  console.log(`FAILED doorbell, ${error.message}\n       source: kandy.js of the early 2.x line`)
  console.log('doorbell: 0 passed, 1 failed')
  process.exit(1)
}
