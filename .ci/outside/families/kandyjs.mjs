// kandy.js 1.1 to 2.6: the REST requests of the vendor's SDK. It sends the content type of JSON with every request, GET
// included, so that a browser asks for permission each time, and appends the key where the URL has none.

const HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' }
const KEY = { key: '{alice_token}' }
const GROUP = { ...KEY, group_id: '{group}' }
const CODE = { user_phone_number: '4034932232', user_country_code: 'CA' }
const PICTURE = 'no picture, but text'

/** jQuery parses by the content type; the SDK then compares `status`. */
function parse ({ type, text }) {
  if (!/\bjson\b/.test(type)) throw new Error(`jQuery does not parse ${type}`)
  return JSON.parse(text)
}

/** A time as a number, or as text that parseInt reads. */
const time = value => Number.parseInt(value) > 1_400_000_000_000
const text = (type, to, extra) => ({
  message: {
    contentType: 'text', destination: to, UUID: '{message_id}',
    message: { mimeType: 'text/plain', text: "let's meet" }, ...extra
  }
})

const STEPS = [
  {
    name: 'token by password, device id "null"', method: 'GET', path: '/domains/users/accesstokens',
    query: {
      key: '{domain_key}', user_id: 'alice', user_password: '{alice_password}', client_sw_version: '2.2.2',
      client_sw_type: 'JS', kandy_device_id: 'null'
    },
    reads: { 'result.user_access_token': 'string' }
  },
  {
    name: 'limited details', method: 'GET', path: '/users/details/limited', query: KEY,
    reads: { 'result.user.user_id': 'alice', 'result.user.full_user_id': '{alice}', 'result.user.domain_name': '{domain}' }
  },
  {
    name: 'devices', method: 'GET', path: '/users/devices', query: KEY,
    reads: { 'result.devices.0.id': '{alice_device}' }
  },
  {
    name: 'last seen', method: 'GET', path: '/users/presence/last_seen', query: { users: '["{alice}"]', ...KEY },
    reads: { 'result.server_timestamp': time, 'result.users.0.last_seen': time, 'result.users.0.full_user_id': '{alice}' }
  },
  {
    name: 'send a message, messageType inside', method: 'POST', path: '/devices/messages',
    query: { device_id: '{alice_device}', ...KEY }, json: text('chat', '{bob}', { messageType: 'chat' }),
    source: 'kandy.js 2.1.0'
  },
  {
    name: 'send a message, messageType beside', method: 'POST', path: '/devices/messages',
    query: { device_id: '{alice_device}', ...KEY },
    json: { messageType: 'chat', ...text('chat', '{bob}', { additional_data: {} }) },
    source: 'kandy.js 2.2 to 2.6'
  },
  {
    name: 'send a place', method: 'POST', path: '/devices/messages', query: { device_id: '{alice_device}', ...KEY },
    json: text('chat', '{bob}', {
      contentType: 'location',
      message: {
        mimeType: 'location/utm', media_map_zoom: 10, location_latitude: 51.05, location_longitude: -114.07,
        locationLatitude: 51.05, locationLongitude: -114.07
      }
    }),
    source: 'kandy.js 2.6.0'
  },
  {
    name: 'getIm', method: 'GET', path: '/devices/messages', query: { key: '{bob_token}', device_id: '{bob_device}' },
    reads: {
      'result.messages.0.messageType': 'chat', 'result.messages.0.sender.full_user_id': '{alice}',
      'result.messages.0.sender.user_id': 'alice', 'result.messages.0.contentType': 'text',
      'result.messages.0.message.mimeType': 'text/plain', 'result.messages.2.message.location_latitude': 51.05
    }
  },
  {
    name: 'clear what getIm returned, hyphens put back', method: 'DELETE', path: '/devices/messages',
    query: { device_id: '{bob_device}', messages: '["{message_id}"]', key: '{bob_token}' },
    headers: { 'Content-Type': 'text/html' }
  },
  {
    name: 'all are cleared', method: 'GET', path: '/devices/messages', query: { key: '{bob_token}', device_id: '{bob_device}' },
    reads: { 'result.messages': [] }
  },
  {
    name: 'the sender sees that it was received', method: 'GET', path: '/devices/messages',
    query: { device_id: '{alice_device}', ...KEY },
    reads: { 'result.messages': all => all.some(one => one.messageType === 'chatRemoteAck' && one.UUID && one.timestamp) },
    source: 'the documentation, and a hackathon program that polls getIm and marks its message by this UUID'
  },
  {
    name: 'send an SMS', method: 'POST', path: '/devices/smss', query: { device_id: '{alice_device}', ...KEY },
    json: { message: { source: '', destination: '+1-408-475-2222', message: { text: 'Hi' } } }
  },
  {
    name: 'contact, prefixed fields, empty texts', method: 'POST', path: '/users/addressbooks/personal', query: KEY,
    json: {
      contact: {
        contact_user_name: '{bob}', contact_nickname: 'bob', contact_first_name: 'Bob', contact_last_name: '',
        contact_home_phone: '', contact_mobile_number: '', contact_email: ''
      }
    },
    keep: { contact: 'result.contact_id' }
  },
  {
    name: 'contacts', method: 'GET', path: '/users/addressbooks/personal', query: KEY,
    reads: { 'result.contacts.0.contact_id': '{contact}', 'result.contacts.0.contact_user_name': '{bob}' }
  },
  {
    name: 'delete the contact, any response', method: 'DELETE', path: '/users/addressbooks/personal',
    query: { contact_id: '{contact}', ...KEY }, headers: { 'Content-Type': 'text/html', Accept: '*/*' }
  },
  { name: 'combined address book', method: 'GET', path: '/users/addressbooks/device', query: KEY },
  {
    name: 'search the directory, slash before the question mark', method: 'GET', path: '/users/directories/native/search/',
    query: { search_string: 'bob', ...KEY }, reads: { 'result.contacts.0.full_user_id': '{bob}' }
  },
  {
    name: 'send a code', method: 'POST', path: '/domains/verifications/smss',
    query: { key: '{prepared_domain_token}' }, json: CODE
  },
  {
    name: 'check a wrong code', method: 'GET', path: '/domains/verifications/codes',
    query: { key: '{prepared_domain_token}', validation_code: '0' }, reads: { 'result.valid': false }
  },
  {
    name: 'configuration wrapper', method: 'GET', path: '/api_wrappers/configurations',
    query: { key: '{domain_key}', domain_api_secret: '{domain_secret}' },
    reads: {
      'result.domain_name': '{domain}', 'result.domain_access_token': 'string',
      'result.spidr_configuration.REST_server_port': 'number'
    }
  },
  {
    name: 'upload a file that the browser has no type for', method: 'POST', path: '/devices/content',
    query: { content_uuid: '{content_id}', device_id: '{alice_device}', content_type: '', ...KEY },
    file: ['file', 'note.xyz', '', PICTURE], source: 'kandy.js 1.1 to 2.6, provider fring'
  },
  {
    name: 'download it', method: 'GET', path: '/devices/content', status: null,
    query: { content_uuid: '{content_id}', device_id: '{alice_device}', ...KEY }, reads: { content: PICTURE }
  },
  {
    name: 'create a group', method: 'POST', path: '/users/chatgroups', query: KEY,
    json: { group_name: 'Friends', group_image: {} }, keep: { group: 'result.group_id' }
  },
  {
    name: 'add members', method: 'POST', path: '/users/chatgroups/chatgroup/members', query: { group_id: '{group}', ...KEY },
    json: { members: ['{bob}'] }
  },
  {
    name: 'groups', method: 'GET', path: '/users/chatgroups', query: KEY,
    reads: { 'result.groups.0.group_id': '{group}', 'result.groups.0.members.0.full_user_id': '{bob}' }
  },
  {
    name: 'update the group', method: 'PUT', path: '/users/chatgroups/chatgroup', query: KEY,
    json: { group_id: '{group}', group_name: 'All' }
  },
  {
    name: 'mute the group, no body', method: 'PUT', path: '/users/chatgroups/chatgroup/mute',
    query: { mute: 'true', ...GROUP }
  },
  {
    name: 'group message', method: 'POST', path: '/users/chatgroups/chatgroup/messages', query: KEY,
    json: {
      message: {
        contentType: 'text', group_id: '{group}', UUID: '{message_id}', message: { mimeType: 'text/plain', text: 'Hi' }
      }
    }
  },
  {
    name: 'group events in getIm', method: 'GET', path: '/devices/messages',
    query: { key: '{bob_token}', device_id: '{bob_device}' },
    reads: {
      'result.messages': all => ['chatGroupInvite', 'groupChat'].every(type =>
        all.some(one => one.messageType === type && one.group_id))
    }
  },
  {
    name: 'remove members, list in the query', method: 'DELETE', path: '/users/chatgroups/chatgroup/members',
    query: { group_id: '{group}', members: '["{bob}"]', ...KEY }, headers: { 'Content-Type': 'text/html' }
  },
  {
    name: 'delete the group', method: 'DELETE', path: '/users/chatgroups/chatgroup', query: GROUP,
    headers: { 'Content-Type': 'text/html' }
  },
  {
    name: 'profile, all in the query', method: 'POST', path: '/users/profiles/user_profiles',
    query: { first_name: 'Al', status_text: 'a & b', ...KEY }
  },
  {
    name: 'read the profile', method: 'GET', path: '/users/profiles/user_profiles/user_profile',
    query: { user_id: 'alice', domain_name: '{domain}', ...KEY }
  },
  {
    name: 'normalise a number', method: 'GET', path: '/users/services/normalize/phone_number',
    query: { phone_number: '4034932232', country_code: 'CA', ...KEY }
  },
  { name: 'billing', method: 'GET', path: '/users/billing/packages/status/active', query: KEY },
  {
    name: 'create a session', method: 'POST', path: '/users/sessions/session', query: KEY,
    json: { session_type: 'support', session_name: '{session_name}', user_nickname: 'Al', user_phone_number: '303-555-1212' },
    keep: { session: 'result.session_id' }
  },
  {
    name: 'session by name, an empty pair before it', method: 'GET',
    path: '/users/sessions/session/name?&session_name={session_name}',
    query: KEY,
    reads: {
      'result.session.session_id': '{session}', 'result.session.session_status': 'inactive',
      'result.session.creation_timestamp': 'number', 'result.session.expiry_timestamp': 'number'
    }
  },
  {
    name: 'open sessions of a type, 2.3', method: 'GET', path: '/users/sessions',
    query: { session_type: 'support', ...KEY }, reads: { 'result.sessions.0.session_id': '{session}' }
  },
  {
    name: 'open sessions of a type, 2.4', method: 'GET', path: '/users/sessions/type',
    query: { session_type: 'support', ...KEY }, reads: { 'result.sessions.0.session_id': '{session}' }
  },
  {
    name: 'delete the session, JSON in DELETE', method: 'DELETE', path: '/users/sessions/session/id', query: KEY,
    json: { session_id: '{session}' }
  },
  {
    name: 'conversations', method: 'GET', path: '/users/messages/conversations', query: KEY,
    reads: { 'result.conversations': Array.isArray }, source: 'kandy.js 2.6.0'
  },
  {
    name: 'messages of a conversation', method: 'GET', path: '/users/messages/conversations/conversation',
    query: { conversation_id: '{bob}', conversation_type: 'single', number_of_records: '10', order: 'backward', ...KEY },
    reads: { 'result.messages': Array.isArray }, source: 'kandy.js 2.6.0'
  },
  {
    name: 'wake up a mobile client', method: 'POST', path: '/users/messages/event',
    query: { client_timestamp: '1449034496562', ...KEY },
    json: { message: { UUID: '{message_id}', destination: '{bob}', messageType: 'PRIVATE', message: { type: 'WAKEUP' } } },
    source: 'kandy.js 2.6.0'
  },
  {
    name: 'a form of jQuery, sent by pages around the SDK', method: 'POST', path: '/devices/smss',
    query: { device_id: '{alice_device}', ...KEY },
    form: { message: { source: '+11234567890', destination: '+12245556666', message: { text: 'a & b' } } },
    source: 'kodeplus scripts with jQuery'
  }
]

const EARLY = [
  {
    name: 'token', method: 'GET', path: '/domains/users/accesstokens',
    query: { key: '{domain_key}', user_id: 'alice', user_password: '{alice_password}' },
    reads: { 'result.user_access_token': 'string' }
  },
  ...STEPS.filter(step => ['limited details', 'devices', 'getIm', 'contacts'].includes(step.name))
    .map(({ reads, ...step }) => step),
  {
    name: 'upload the address book', method: 'POST', path: '/devices/addressbooks',
    query: { device_id: '{alice_device}', ...KEY },
    json: { contacts: [{ firstName: 'John', lastName: 'Doe', numbers: ['+14055671234'] }] }
  },
  {
    name: 'address book', method: 'GET', path: '/devices/addressbooks', query: { device_id: '{alice_device}', ...KEY },
    reads: {
      'result.contacts.0.number': '+14055671234', 'result.contacts.0.deviceId': '{alice_device}',
      'result.contacts.0.hintType': 'string'
    }
  },
  {
    name: 'delete the address book', method: 'DELETE', path: '/devices/addressbooks',
    query: { device_id: '{alice_device}', ...KEY }, headers: { 'Content-Type': 'text/html' }
  },
  ...STEPS.filter(step => step.name.startsWith('send a code') || step.name.startsWith('upload a file')),
  {
    name: 'sign up', method: 'POST', path: '/api_wrappers/registrations',
    query: { key: '{prepared_domain_token}', client_sw_version: '1.1.3', client_sw_type: 'JS' },
    json: { ...CODE, validation_code: '{code}', device_native_id: '3456' },
    reads: { 'result.full_user_id': 'string', 'result.user_access_token': 'string', 'result.device_id': 'string' },
    only: 'node',
    before: async ({ root, values, request }) => {
      const sent = await request('GET', `${root}/_emulator/verifications`)
      values.code = JSON.parse(sent.text).verifications.at(-1).code
    }
  }
]

export const families = [
  { name: 'kandyjs-2', source: 'kandy.js 2.1 to 2.6', version: 'v1.2', headers: HEADERS, steps: STEPS, parse },
  { name: 'kandyjs-1', source: 'kandy.js 1.1', version: 'v1.1', headers: HEADERS, steps: EARLY, parse }
]

if (typeof process !== 'undefined' && process.argv[1]?.endsWith('/kandyjs.mjs')) {
  const { run } = await import('./node.mjs')
  await run(...families)
}
