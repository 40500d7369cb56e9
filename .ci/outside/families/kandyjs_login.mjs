// kandy.js 2.x: the login in its order, and the events that a page shows. One table of steps, for Node.js (login.mjs) and for
// a browser (../browser/page.html). A step that fails ends the run, since each needs the ones before it.
//
// The order, the URLs, the frames and the fields read are those of kandy.js 2.1 to 2.6; what programs read inside the frames
// is that of the chat and co-browsing plug-ins for WordPress and Drupal. The requests to SPiDR are those of its part fcs 3.0.

import { at, check, need } from './harness.mjs'

const VERSION = '2.2.2'
const PATIENCE = 10000

/** Every frame is text with a JSON object. Anything else is kept by a name that shows in the failure. */
function parse (data) {
  try {
    return JSON.parse(data)
  } catch {
    return { message_type: typeof data === 'string' ? `no JSON: ${data.slice(0, 50)}` : 'a binary frame' }
  }
}

/** A data channel as kandy.js opens it. Frames are kept until a step asks for them. */
class Channel {
  constructor (socket) {
    this.socket = socket
    this.frames = []
    this.waiting = []
    socket.onmessage = event => {
      const frame = parse(event.data)
      const waiter = this.waiting.find(({ wanted }) => wanted(frame))
      if (!waiter) return this.frames.push(frame)
      this.waiting.splice(this.waiting.indexOf(waiter), 1)
      waiter.resolve(frame)
    }
    this.closed = new Promise(resolve => { socket.onclose = event => resolve(event) })
  }

  static open (Socket, url, what) {
    return new Promise((resolve, reject) => {
      const socket = new Socket(url)
      const channel = new Channel(socket)
      const fail = why => reject(new Error(`${what} does not open: ${why}`))
      setTimeout(fail, PATIENCE, 'no response')
      socket.onopen = () => resolve(channel)
      // A browser does not say why; ws does.
      socket.onerror = event => fail(event.message || 'refused')
    })
  }

  send (frame) { this.socket.send(JSON.stringify(frame)) }

  /** The first frame for which `wanted` is true, also one that has come before. */
  receive (what, wanted) {
    const known = this.frames.findIndex(wanted)
    if (known >= 0) return this.frames.splice(known, 1)[0]
    return new Promise((resolve, reject) => {
      this.waiting.push({ wanted, resolve })
      this.closed.then(event => reject(new Error(`the channel was closed (${event.code}) before ${what} came`)))
      setTimeout(() => {
        const others = this.frames.map(({ message_type: type, message }) => `${type} ${message?.messageType ?? ''}`)
        reject(new Error(`${what} did not come within ${PATIENCE / 1000} s; came: ${others.join(', ') || 'nothing'}`))
      }, PATIENCE)
    })
  }

  /** What kandy.js hands on as an event of messaging: the object inside a notification, by its messageType. */
  async message (type, wanted = () => true) {
    const frame = await this.receive(type, ({ message_type: kind, message }) =>
      kind === 'notification' && message?.messageType === type && wanted(message))
    return frame.message
  }

  /** What kandy.js hands on to the listeners of a session. */
  async session (type, id) {
    const frame = await this.receive(type, ({ message_type: kind, payload }) =>
      kind === 'sessionNotification' && payload?.message_type === type && payload.session_id === id)
    return frame.payload
  }

  close () {
    this.socket.close()
    return this.closed
  }
}

/** One page: a user who is logged in, and the requests of the SDK. */
export class Page {
  constructor (base, environment) {
    Object.assign(this, { base, environment })
  }

  /** Its ajax: JSON content types on every request, the key at the end where the URL has none, status 0 alone is success. */
  async ajax (method, path, data) {
    let url = this.base + path
    if (!/[?&]key=/.test(url)) url += `${url.includes('?') ? '&' : '?'}key=${encodeURIComponent(this.token)}`
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const response = await this.environment.request(method, url, headers, data && JSON.stringify(data))
    need(response.http === 200, `${method} ${path.split('?')[0]}: HTTP ${response.http} ${response.text.slice(0, 200)}`)
    need(/\bjson\b/.test(response.type), `${method} ${path.split('?')[0]}: jQuery does not parse ${response.type}`)
    const envelope = JSON.parse(response.text)
    need(envelope.status === 0, `${method} ${path.split('?')[0]}: ${response.text.slice(0, 200)}`)
    return envelope.result
  }

  async getToken (key, user, password) {
    const query = `key=${key}&user_id=${user.split('@')[0]}&user_password=${encodeURIComponent(password)}` +
      `&client_sw_version=${VERSION}&client_sw_type=JS&kandy_device_id=null`
    this.password = password
    this.token = (await this.ajax('GET', `/domains/users/accesstokens?${query}`)).user_access_token
    check('user_access_token', 'string', this.token)
  }

  async openChannel () {
    // Asked for before every connection, also when it connects again.
    const { data_server_host: host, data_server_port: port, is_secure: secure } =
      await this.ajax('GET', `/users/configurations/data_channel?key=${encodeURIComponent(this.token)}`)
    const name = /^(?:https?:\/\/)?(?:www\.)?([^/]+)/.exec(host)[1]
    const url = `${secure ? 'wss' : 'ws'}://${name}${port ? `:${port}` : ''}?client_sw_type=js&client_sw_version=${VERSION}` +
      `&user_access_token=${encodeURIComponent(this.token)}`
    this.channel = await Channel.open(this.environment.WebSocket, url, 'the data channel')
    this.channel.send({ message_type: 'ping' })
  }

  /** Asks SPiDR, with the password, or with the token in the query as the newer SDKs do. */
  async callServer (method, path, data, byToken = false) {
    const headers = { 'X-Requested-With': 'XMLHttpRequest', Accept: 'application/json', 'Content-Type': 'application/json' }
    if (!byToken) headers.Authorization = 'basic ' + btoa(`${this.user.full_user_id}:${this.password}`)
    const url = this.spidr + path + (byToken ? `?key=${this.token}` : '')
    // The SDK sets `cors`, and with it the browser's credentials on every request, also those of a page of another origin.
    const response = await this.environment.request(method, url, headers, data && JSON.stringify(data), true)
    need(response.http >= 200 && response.http < 300, `${method} ${path}: HTTP ${response.http} ${response.text.slice(0, 200)}`)
    return response.text ? JSON.parse(response.text) : {}
  }

  async registerForCalls () {
    const { spidr_configuration: config } = await this.ajax('GET', `/users/configurations/communications/spidr?key=${this.token}&secure=true`)
    // The SDK takes fcsApi if it is there, and maps the older fields otherwise.
    const { restUrl, restPort, protocol, websocketIP, websocketPort, websocketProtocol } = config.fcsApi ?? {
      restUrl: config.REST_server_address, restPort: config.REST_server_port, protocol: config.REST_protocol,
      websocketIP: config.webSocket_server_address, websocketPort: config.webSocket_server_port,
      websocketProtocol: config.webSocket_secure !== false ? 'wss' : 'ws'
    }
    this.spidr = `${protocol}://${restUrl}:${restPort}`
    this.subscription = {
      subscribeRequest: { expires: 3600, service: ['call'], localization: 'English_US', notificationType: 'WebSocket' }
    }
    const { subscribeResponse } = await this.callServer('POST', `/rest/version/1/user/${this.user.full_user_id}/subscription`, this.subscription)
    check('subscription', 'string', subscribeResponse.subscription)
    check('expires', 'number', at(subscribeResponse, 'subscriptionParams.expires'))
    check('notificationChannel', 'string', at(subscribeResponse, 'subscriptionParams.notificationChannel'))
    this.registration = subscribeResponse.subscription
    const url = `${websocketProtocol}://${websocketIP}:${websocketPort}${subscribeResponse.subscriptionParams.notificationChannel}`
    this.calls = await Channel.open(this.environment.WebSocket, url, 'the notification channel of SPiDR')
  }
}

const uuid = () => crypto.randomUUID().toUpperCase()
const text = words => ({ mimeType: 'text/plain', text: words })

/** The table. `alice` is the page; `bob` is the other user, who has a page of his own from the step that says so. */
export const STEPS = [
  ['user token by password', ({ alice, values: { domain_key: key, alice: user, alice_password: password } }) => alice.getToken(key, user, password)],
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
    await alice.ajax('DELETE', `/devices/messages?device_id=${alice.device}&messages=${encodeURIComponent(JSON.stringify([kept.id]))}`)
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
    kept.session = (await alice.ajax('POST', '/users/sessions/session', { session_type: 'support', session_name: 'help' })).session_id
    await bob.ajax('POST', '/users/sessions/session/id/participants/participant', { session_id: kept.session, user_nickname: 'Bob' })
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
    bob.channel.send({ message_type: 'sessionData', session_id: kept.session, destination: alice.user.full_user_id, payload, id })
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
    const { data_server_host: host, data_server_port: port, is_secure: secure } = await alice.ajax('GET', '/users/configurations/data_channel')
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

/** Runs the steps. Throws with the name of the first that fails. `note` is told each step before it runs. */
export async function login (base, values, environment, note = () => {}) {
  const context = {
    base, environment, alice: new Page(base, environment), bob: new Page(base, environment), values, kept: {}, tool: environment.tool
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
