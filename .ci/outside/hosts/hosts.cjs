// The hosts entry of a Node.js program that is not changed (NODE_OPTIONS="--require .ci/outside/hosts/hosts.cjs"):
// api.kandy.io is the emulator at KANDY_CONNECT_TO (HOST:PORT). The port is replaced, too, so that https://api.kandy.io
// needs no rights on port 443. http, https, tls and fetch all connect through this one function.
const net = require('node:net')

const [, host, port] = /^(.*):(\d+)$/.exec(process.env.KANDY_CONNECT_TO ?? '') ?? []
if (host) {
  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function (...given) {
    // The runtime passes [options, callback] in one array; programs pass the two.
    const options = Array.isArray(given[0]) ? given[0][0] : given[0]
    if (options?.host === 'api.kandy.io') Object.assign(options, { host, port: Number(port) })
    return connect.apply(this, given)
  }
}
