// A page that uses kandy.js 2.x: its requests, its data channel and its registration for calls. The environment, Node.js
// (node.mjs) or a browser (../browser/page.html), sends the requests and has WebSockets.

import { at, check, need } from './harness.mjs'

const VERSION = '2.2.2'
const TIMEOUT_MS = 10000

/** Every frame is text with a JSON object. Anything else is kept by a name that shows in the failure. */
function parse (data) {
  try {
    return JSON.parse(data)
  } catch {
    return { message_type: typeof data === 'string' ? `no JSON: ${data.slice(0, 50)}` : 'a binary frame' }
  }
}

/** A data channel as kandy.js opens it. Frames are kept until a step asks for them. */
export class Channel {
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
      setTimeout(fail, TIMEOUT_MS, 'no response')
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
        reject(new Error(`${what} did not come within ${TIMEOUT_MS / 1000} s; came: ${others.join(', ') || 'nothing'}`))
      }, TIMEOUT_MS)
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
    const { http, text } = response
    need(http >= 200 && http < 300, `${method} ${path}: HTTP ${http} ${text.slice(0, 200)}`)
    return text ? JSON.parse(text) : {}
  }

  async registerForCalls () {
    const query = `key=${this.token}&secure=true`
    const { spidr_configuration: config } = await this.ajax('GET', `/users/configurations/communications/spidr?${query}`)
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
    const path = `/rest/version/1/user/${this.user.full_user_id}/subscription`
    const { subscribeResponse } = await this.callServer('POST', path, this.subscription)
    check('subscription', 'string', subscribeResponse.subscription)
    check('expires', 'number', at(subscribeResponse, 'subscriptionParams.expires'))
    check('notificationChannel', 'string', at(subscribeResponse, 'subscriptionParams.notificationChannel'))
    this.registration = subscribeResponse.subscription
    const { notificationChannel } = subscribeResponse.subscriptionParams
    const url = `${websocketProtocol}://${websocketIP}:${websocketPort}${notificationChannel}`
    this.calls = await Channel.open(this.environment.WebSocket, url, 'the notification channel of SPiDR')
  }
}
