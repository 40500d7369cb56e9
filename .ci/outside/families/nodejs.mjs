// kandy-nodejs: Node.js with node-rest-client 1.5, which parses a response only if its content type is one of two texts, to
// the letter. For any other it hands on the text, and the program parses that itself; a response that both parse is an error.

import { run } from './node.mjs'

const PARSED_BY_THE_LIBRARY = ['application/json', 'application/json;charset=utf-8']

function parse ({ type, text }) {
  const handedOn = PARSED_BY_THE_LIBRARY.includes(type) ? JSON.parse(text) : text
  return JSON.parse(handedOn)
}

const KEYS = { key: '{domain_key}', domain_api_secret: '{domain_secret}' }
const USER = { key: '{token}', device_id: '{device}' }

const steps = [
  {
    name: 'domain token', method: 'GET', path: '/domains/accesstokens', query: KEYS, message: 'success',
    keep: { domain_token: 'result.domain_access_token' }
  },
  {
    name: 'users', method: 'GET', path: '/domains/users', query: { key: '{domain_token}' }, message: 'success',
    reads: { 'result.users.0.user_id': 'string' }
  },
  {
    name: 'user token', method: 'GET', path: '/domains/users/accesstokens', query: { ...KEYS, user_id: 'alice' },
    message: 'success', keep: { token: 'result.user_access_token' }
  },
  {
    name: 'devices', method: 'GET', path: '/users/devices', query: { key: '{token}' }, message: 'success',
    keep: { device: 'result.devices.0.id' }
  },
  {
    name: 'SMS to a number with hyphens', method: 'POST', path: '/devices/smss', query: USER, message: 'success',
    json: { message: { source: '+1-604-256-2222', destination: '+1-408-475-2222', message: { text: 'Hi' } } },
    source: 'the example that kandy-nodejs ships'
  },
  {
    name: 'message', method: 'POST', path: '/devices/messages', query: USER, message: 'success',
    json: {
      message: {
        contentType: 'text', destination: '{bob}', UUID: '{message_id}', message: { mimeType: 'text/plain', text: 'Hi' }
      }
    }
  },
  {
    name: 'pending messages', method: 'GET', path: '/devices/messages',
    query: { key: '{bob_token}', device_id: '{bob_device}' }, message: 'success',
    reads: { 'result.messages.0.message.text': 'Hi' }
  },
  {
    name: 'delete messages', method: 'DELETE', path: '/devices/messages',
    query: { key: '{bob_token}', device_id: '{bob_device}', messages: '["{message_id}"]' }, message: 'success'
  },
  {
    name: 'create a group, name in the query', method: 'POST', path: '/users/chatgroups',
    query: { key: '{token}', group_name: 'Friends' }, message: 'success', keep: { group: 'result.group_id' }
  },
  {
    name: 'groups', method: 'GET', path: '/users/chatgroups', query: { key: '{token}' }, message: 'success',
    reads: { 'result.groups.0.group_name': 'Friends' }
  },
  {
    name: 'update the group, group_id in the query too', method: 'PUT', path: '/users/chatgroups/chatgroup',
    query: { key: '{token}', group_id: '{group}' }, json: { group_id: '{group}', group_name: 'All' },
    message: 'success'
  },
  {
    name: 'contacts', method: 'GET', path: '/users/addressbooks/personal', query: { key: '{token}' },
    message: 'success', reads: { 'result.contacts': [] }
  }
]

const common = { source: 'kandy-nodejs', steps, parse, headers: { 'Content-Type': 'application/json' } }
await run({ ...common, name: 'nodejs', version: 'v1.2' }, { ...common, name: 'nodejs-1.1', version: 'v1.1' })
