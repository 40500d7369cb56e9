// Runs the table of a family of JavaScript programs, in Node.js (node.mjs) and in a browser (../browser/page.html).
//
// A step has the request (method, path, query, json, form, file, headers) and what the program reads in the response: http,
// status, message, reads. {name} stands for a value that an earlier step kept. `request` sends: it takes a method, a URL, the
// headers, a body and whether a browser sends credentials, and returns {http, type, text}.

export class Failure extends Error {}

export function need (right, problem) {
  if (!right) throw new Failure(problem)
}

/** The pairs of a nested form as jQuery.param writes them. */
function * nested (value, name = '') {
  if (value === null || typeof value !== 'object') return yield [name, value]
  for (const [key, inner] of Object.entries(value)) {
    const part = Array.isArray(value) && (inner === null || typeof inner !== 'object') ? '' : key
    yield * nested(inner, name ? `${name}[${part}]` : key)
  }
}

export function formOf (value) {
  const encode = text => encodeURIComponent(text).replace(/%20/g, '+')
  return [...nested(value)].map(([name, text]) => `${encode(name)}=${encode(text)}`).join('&')
}

export function multipart (name, file, type, content) {
  const boundary = 'X-OUTSIDE-BOUNDARY'
  const head = `Content-Disposition: form-data; name="${name}"; filename="${file}"` +
    (type ? `\r\nContent-Type: ${type}` : '')
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: `--${boundary}\r\n${head}\r\n\r\n${content}\r\n--${boundary}--\r\n`
  }
}

export function filled (value, values) {
  if (typeof value === 'string') {
    return value.replace(/\{(\w+)\}/g, (_, name) => {
      need(name in values, `not sent: an earlier step did not give ${name}`)
      return values[name]
    })
  }
  if (Array.isArray(value)) return value.map(inner => filled(inner, values))
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, values)]))
  }
  return value
}

export function at (value, path) {
  for (const part of path.match(/\w+/g)) {
    need(value !== null && typeof value === 'object' && part in value, `no ${path} in the response`)
    value = value[part]
  }
  return value
}

/** Checks that a value is what the program needs: a type, a pattern, a predicate, or the value itself. */
export function check (path, expected, value, values) {
  const same = () => JSON.stringify(value) === JSON.stringify(filled(expected, values))
  const right = typeof expected === 'string' && /^(string|number|boolean|object)$/.test(expected)
    // eslint-disable-next-line valid-typeof
    ? typeof value === expected && value !== null
    : expected instanceof RegExp
      ? typeof value === 'string' && expected.test(value)
      : typeof expected === 'function' ? expected(value) : same()
  const shown = String(JSON.stringify(value)).slice(0, 200)
  need(right, `${path} is ${shown}, the program needs ${JSON.stringify(expected) ?? expected}`)
}

export async function runStep (family, step, root, values, request) {
  await step.before?.({ values, root, request })
  // In the order in which the program writes them; some append the key to what is there.
  const query = Object.entries(filled(step.query ?? {}, values))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  const path = filled(step.path, values)
  const target = query ? path + (path.includes('?') ? '&' : '?') + query : path
  const headers = { ...family.headers, ...step.headers }
  let body
  if (step.json !== undefined) body = JSON.stringify(filled(step.json, values))
  if (step.form) {
    body = formOf(filled(step.form, values))
    headers['Content-Type'] = 'application/x-www-form-urlencoded; charset=UTF-8'
  }
  if (step.file) {
    const form = multipart(...step.file)
    body = form.body
    headers['Content-Type'] = form.type
  }
  const response = await request(step.method, `${root}/${family.version}${target}`, headers, body)
  const http = [step.http ?? 200].flat()
  need(http.includes(response.http), `HTTP ${response.http}, the program needs ${http}: ${response.text.slice(0, 200)}`)
  const status = step.status === undefined ? 0 : step.status
  const envelope = status === null ? { content: response.text, type: response.type } : family.parse(response)
  if (status !== null) {
    check('status', status, envelope.status, values)
    check('message', step.message ?? 'string', envelope.message, values)
  }
  for (const [read, expected] of Object.entries(step.reads ?? {})) check(read, expected, at(envelope, read), values)
  for (const [name, kept] of Object.entries(step.keep ?? {})) values[name] = at(envelope, kept)
}

/** Runs all steps, and returns one line for each that failed. */
export async function runFamily (family, root, values, request) {
  const failures = []
  for (const step of family.steps) {
    try {
      await runStep(family, step, root, values, request)
    } catch (error) {
      failures.push(`FAILED ${family.name}, ${step.name}: ${step.method} /${family.version}${step.path}: ${error.message}\n` +
        `       source: ${step.source ?? family.source}`)
    }
  }
  return failures
}

/** A domain with the users alice and bob, each with a token and a device. It is no fact of a family. */
export async function provision (name, root, account, request) {
  const call = async (method, path, query, json) => {
    const search = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')
    const headers = json ? { 'Content-Type': 'application/json' } : {}
    const response = await request(method, `${root}/v1.2${path}?${search}`, headers, json && JSON.stringify(json))
    const envelope = JSON.parse(response.text)
    need(envelope.status === 0, `${method} ${path}, before the first step: ${response.text}`)
    return envelope.result
  }
  const unique = () => crypto.randomUUID().toUpperCase()
  const accountKeys = { key: account.key, account_api_secret: account.secret }
  const accountToken = (await call('GET', '/accounts/accesstokens', accountKeys)).account_access_token
  const domain = `${name}-${unique().slice(0, 8).toLowerCase()}.com`
  const created = await call('POST', '/accounts/domains', { key: accountToken }, { domain_name: domain })
  const keys = { key: created.domain_api_key, domain_api_secret: created.domain_api_secret }
  const { domain_access_token: domainToken } = await call('GET', '/domains/accesstokens', keys)
  const values = {
    domain, domain_key: keys.key, domain_secret: keys.domain_api_secret, prepared_domain_token: domainToken,
    message_id: unique(), content_id: unique(), session_name: unique()
  }
  for (const user of ['alice', 'bob']) {
    const made = await call('POST', '/domains/users/user_id', { key: domainToken }, { user_id: user })
    const { user_access_token: token } = await call('GET', '/domains/users/accesstokens', { ...keys, user_id: user })
    const { devices } = await call('GET', '/users/devices', { key: token })
    Object.assign(values, {
      [user]: made.full_user_id, [`${user}_password`]: made.user_password, [`${user}_key`]: made.user_api_key,
      [`${user}_token`]: token, [`${user}_device`]: devices[0].id
    })
  }
  return values
}
