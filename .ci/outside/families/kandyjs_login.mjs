// kandy.js 2.x: the login in its order, and the events that a page shows. One table of steps, for Node.js (login.mjs) and for
// a browser (../browser/page.html). A step that fails ends the run, since each needs the ones before it.
//
// The order, the URLs, the frames and the fields read are those of kandy.js 2.1 to 2.6; what programs read inside the frames
// is that of the chat and co-browsing plug-ins for WordPress and Drupal. The requests to SPiDR are those of its part fcs 3.0.

import { check, need } from './harness.mjs'
import { Channel, Page } from './kandyjs_page.mjs'

const uuid = () => crypto.randomUUID().toUpperCase()
const text = words => ({ mimeType: 'text/plain', text: words })

/** The table. `alice` is the page; `bob` is the other user, who has a page of his own from the step that says so. */
export const STEPS = [
  ['user token by password', ({ alice, values: { domain_key: key, alice: user, alice_password: password } }) =>
    alice.getToken(key, user, password)],
  ['limited details', async ({ alice, values }) => {
    alice.user = (await alice.ajax('GET', `/users/details/limited?key=${alice.token}`)).user
    check('full_user_id', values.alice, alice.user.full_user_id)
  }],
  ['data channel', ({ alice }) => alice.openChannel()],
  ['devices', async ({ alice }) => {
    alice.device = (await alice.ajax('GET', `/users/devices?key=${alice.token}`)).devices[0].id
  }],
  ['SPiDR subscription', ({ alice }) => alice.registerForCalls()],
  ['the other user logs in', async ({ bob, values: { domain_key: key, bob: user, bob_password: password } }) => {
    await bob.getToken(key, user, password)
    bob.user = (await bob.ajax('GET', `/users/details/limited?key=${bob.token}`)).user
    await bob.openChannel()
    bob.device = (await bob.ajax('GET', '/users/devices')).devices[0].id
  }],
  ['a chat arrives', async ({ alice, bob, kept }) => {
    kept.id = uuid()
    await bob.ajax('POST', `/devices/messages?device_id=${bob.device}`, {
      messageType: 'chat',
      message: { contentType: 'text', destination: alice.user.full_user_id, UUID: kept.id, message: text("let's meet \u2615") }
    })
    const message = await alice.channel.message('chat')
    check('sender.full_user_id', bob.user.full_user_id, message.sender.full_user_id)
    check('sender.user_id', 'bob', message.sender.user_id)
    check('contentType', 'text', message.contentType)
    check('message', text("let's meet \u2615"), message.message)
    check('UUID', kept.id, message.UUID)
    kept.pushed = message
  }],
  ['it is pending, too, as it was pushed', async ({ alice, kept }) => {
    const { messages } = await alice.ajax('GET', `/devices/messages?device_id=${alice.device}`)
    check('the only pending message', [kept.pushed], messages)
  }],
  ['it is cleared as getIm does, by a list in the query', async ({ alice, kept }) => {
    const messages = encodeURIComponent(JSON.stringify([kept.id]))
    await alice.ajax('DELETE', `/devices/messages?device_id=${alice.device}&messages=${messages}`)
    check('pending messages', [], (await alice.ajax('GET', `/devices/messages?device_id=${alice.device}`)).messages)
  }],
  ['the sender is told that it was received', async ({ bob, kept }) => {
    // kandy.js 2.6 has an event for it; the native SDK shows the message as delivered.
    check('UUID', kept.id, (await bob.channel.message('chatRemoteAck')).UUID)
  }],
  ['a group invitation arrives', async ({ alice, bob, kept }) => {
    kept.group = (await bob.ajax('POST', '/users/chatgroups', { group_name: 'Friends', group_image: {} })).group_id
    await bob.ajax('POST', `/users/chatgroups/chatgroup/members?group_id=${kept.group}`, { members: [alice.user.full_user_id] })
    check('group_id', kept.group, (await alice.channel.message('chatGroupInvite')).group_id)
  }],
  ['a group message arrives', async ({ alice, bob, kept }) => {
    await bob.ajax('POST', '/users/chatgroups/chatgroup/messages', {
      message: { contentType: 'text', group_id: kept.group, UUID: uuid(), message: text('Hi all') }
    })
    const message = await alice.channel.message('groupChat')
    check('group_id', kept.group, message.group_id)
    check('sender.full_user_id', bob.user.full_user_id, message.sender.full_user_id)
    check('message', text('Hi all'), message.message)
  }],
  ['a change of the group arrives', async ({ alice, bob, kept }) => {
    await bob.ajax('PUT', '/users/chatgroups/chatgroup', { group_id: kept.group, group_name: 'All' })
    check('group_id', kept.group, (await alice.channel.message('chatGroupUpdate')).group_id)
  }],
  ['being removed from the group arrives', async ({ alice, bob, kept }) => {
    const members = encodeURIComponent(JSON.stringify([alice.user.full_user_id]))
    await bob.ajax('DELETE', `/users/chatgroups/chatgroup/members?group_id=${kept.group}&members=${members}`)
    const message = await alice.channel.message('chatGroupBoot')
    check('group_id', kept.group, message.group_id)
    check('booted[0]', alice.user.full_user_id, message.booted[0])
  }],
  ['a session event arrives: a user asks to join', async ({ alice, bob, kept }) => {
    const session = { session_type: 'support', session_name: 'help' }
    kept.session = (await alice.ajax('POST', '/users/sessions/session', session)).session_id
    await bob.ajax('POST', '/users/sessions/session/id/participants/participant', {
      session_id: kept.session, user_nickname: 'Bob'
    })
    const event = await alice.channel.session('sessionUserJoinRequest', kept.session)
    check('full_user_id', bob.user.full_user_id, event.full_user_id)
  }],
  ['the participant is told of the approval', async ({ alice, bob, kept }) => {
    await alice.ajax('POST', '/users/sessions/session/id/admin/participants/participant/join', {
      session_id: kept.session, full_user_id: bob.user.full_user_id
    })
    await bob.channel.session('sessionJoinApprove', kept.session)
  }],
  ['the participant is told of the start', async ({ alice, bob, kept }) => {
    await alice.ajax('POST', '/users/sessions/session/id/start', { session_id: kept.session })
    await bob.channel.session('sessionActive', kept.session)
  }],
  ['session data arrives, and is confirmed', async ({ alice, bob, kept }) => {
    const [id, payload] = [uuid(), { type: 'screenUpdate', data: { html: '<b>\u00e9</b>' } }]
    bob.channel.send({
      message_type: 'sessionData', session_id: kept.session, destination: alice.user.full_user_id, payload, id
    })
    const frame = await alice.channel.receive('sessionData', ({ message_type: type }) => type === 'sessionData')
    check('session_id', kept.session, frame.session_id)
    check('full_user_id', bob.user.full_user_id, frame.full_user_id)
    check('payload', payload, frame.payload)
    const response = await bob.channel.receive('response', ({ message_type: type, id: of }) => type === 'response' && of === id)
    check('status', 0, response.status)
  }],
  ['session data to all, without a request for confirmation', async ({ alice, bob, kept }) => {
    alice.channel.send({ message_type: 'sessionData', session_id: kept.session, payload: { type: 'agentClick', data: 1 } })
    const frame = await bob.channel.receive('sessionData', ({ message_type: type }) => type === 'sessionData')
    check('payload', { type: 'agentClick', data: 1 }, frame.payload)
  }],
  ['session data to an unknown session fails with a number', async ({ alice }) => {
    const id = uuid()
    alice.channel.send({ message_type: 'sessionData', session_id: '0'.repeat(32), payload: {}, id })
    const response = await alice.channel.receive('response', ({ id: of }) => of === id)
    need(Number.isInteger(response.status) && response.status !== 0, `status is ${response.status}`)
    check('message', 'string', response.message)
  }],
  ['the participant is told of the end', async ({ alice, bob, kept }) => {
    await alice.ajax('DELETE', '/users/sessions/session/id', { session_id: kept.session })
    await bob.channel.session('sessionTerminated', kept.session)
  }],
  ['an incoming call arrives', async ({ alice, tool }) => {
    if (!tool) return // A web page may not use the emulator's own endpoints.
    await tool('POST', '/calls', { to: alice.user.full_user_id, call_id: 'call-1' })
    const frame = await alice.channel.receive('incomingCall', ({ message_type: type, message }) =>
      type === 'notification' && (message?.kandyType ?? message?.message_type) === 'incomingCall')
    check('call_id', 'call-1', frame.message.call_id)
  }],
  ['presence watcher', async ({ alice, bob }) => {
    await alice.callServer('POST', `/rest/version/1/user/${alice.user.full_user_id}/presenceWatcher`, {
      presenceWatcherRequest: { userList: [bob.user.full_user_id], action: 'watch' }
    })
  }],
  ['SPiDR subscription is extended', ({ alice }) => alice.callServer('PUT', alice.registration, alice.subscription)],
  ['SPiDR subscription by token', async ({ alice }) => {
    const path = `/rest/version/1/user/${alice.user.full_user_id}/subscription`
    const { subscribeResponse } = await alice.callServer('POST', path, alice.subscription, true)
    await alice.callServer('DELETE', subscribeResponse.subscription, undefined, true)
  }],
  ['it connects again, and the channel works', async ({ alice, bob }) => {
    await alice.channel.close()
    const missed = uuid()
    const chat = id => bob.ajax('POST', `/devices/messages?device_id=${bob.device}`, {
      message: { contentType: 'text', destination: alice.user.full_user_id, UUID: id, message: text('again') }
    })
    await chat(missed)
    await alice.openChannel()
    const id = uuid()
    await chat(id)
    await alice.channel.message('chat', message => message.UUID === id)
    const { messages } = await alice.ajax('GET', `/devices/messages?device_id=${alice.device}`)
    need(messages.some(message => message.UUID === missed), 'what came while there was no channel is not pending')
  }],
  ['a channel of the early SDK, the token alone', async ({ alice, base, environment }) => {
    const { data_server_host: host, data_server_port: port, is_secure: secure } =
      await alice.ajax('GET', '/users/configurations/data_channel')
    // That SDK ignores the port, and so works where it is that of the scheme.
    const name = new URL(base).port ? `${host}:${port}` : host
    const url = `${secure ? 'wss' : 'ws'}://${name}?user_access_token=${encodeURIComponent(alice.token)}`
    const channel = await Channel.open(environment.WebSocket, url, 'the channel')
    await channel.close()
  }],
  ['logout', async ({ alice, bob }) => {
    await Promise.all([alice.channel.close(), bob.channel.close(), alice.calls.close()])
    await alice.callServer('DELETE', alice.registration)
  }]
]

/** Runs the steps, and calls `note` with the name of each before it. Throws with the name of the first that fails. */
export async function login (base, values, environment, note = () => {}) {
  const context = {
    alice: new Page(base, environment), bob: new Page(base, environment),
    base, environment, values, kept: {}, tool: environment.tool
  }
  for (const [name, run] of STEPS) {
    note(name)
    try {
      await run(context)
    } catch (error) {
      throw new Error(`step "${name}": ${error.message}`)
    }
  }
}
