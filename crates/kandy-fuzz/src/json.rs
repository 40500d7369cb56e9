//! Mutations of JSON values.

use serde_json::{Map, Number, Value};

use crate::Random;

/// Strings that often break programs.
const TEXTS: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "10",
    "53",
    " 7 ",
    "+1",
    "1e3",
    "18446744073709551615",
    "9223372036854775808",
    "-9223372036854775808",
    "null",
    "true",
    "\u{0}",
    "\u{7f}\u{85}",
    "\"",
    "\\",
    "\r\n",
    "&#?%+/..",
    "\u{202e}abc\u{200f}",
    "e\u{301}",
    "👋🏽",
    "\u{feff}",
    "\u{10ffff}",
    "russ@example.com",
    "@",
    "a@b@c",
    "A149EBB9A69D4E66B62D26FBDEF440C5",
    "834f42eb5a1144a3b679f2d0be20112c",
    "text",
    "chat",
    ", expected nothing at line 1",
    "missing field `status`",
];

/// Names with a meaning in the API or in the decoder.
const NAMES: &[&str] = &[
    "",
    "status",
    "message",
    "result",
    "status_description",
    "code",
    "messages",
    "users",
    "user",
    "devices",
    "domains",
    "domain",
    "contacts",
    "content_type",
    "contentType",
    "messageType",
    "UUID",
    "sender",
    "full_user_id",
    "user_id",
    "domain_name",
    "timestamp",
    "server_timestamp",
    "group_id",
    "destination",
    "mimeType",
    "text",
    "additional_data",
    "key",
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
    "\u{0}",
    "a.b[0]",
];

/// Changes one node of `value`. Inserted parts are from `other`.
pub(crate) fn mutate(value: &mut Value, other: &Value, random: &mut Random) {
    let Some(node) = nth(value, &mut random.below(count(value))) else { return };
    match random.below(10) {
        0 | 1 => *node = scalar(random),
        2 => *node = part(other, random),
        3 => swap_form(node),
        4 => remove(node, random),
        5 => rename(node, random),
        6 => add(node, other, random),
        7 => nest(node, random),
        8 => *node = Value::String(long(random)),
        _ => double(node, random),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// Returns the n-th node in depth-first order; `value` itself is the first.
fn nth<'a>(value: &'a mut Value, n: &mut usize) -> Option<&'a mut Value> {
    if *n == 0 {
        return Some(value);
    }
    *n -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, n)),
        Value::Object(members) => members.values_mut().find_map(|member| nth(member, n)),
        _ => None,
    }
}

fn part(other: &Value, random: &mut Random) -> Value {
    nth(&mut other.clone(), &mut random.below(count(other))).cloned().unwrap_or_default()
}

fn scalar(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => Value::Bool(random.one_in(2)),
        2 => Value::from(random.below(1000)),
        3 => Value::from(random.number()),
        4 => Value::from(random.number() as i64),
        5 => Number::from_f64(f64::from_bits(random.number())).map_or(Value::Null, Value::Number),
        6 => Value::from(*random.pick(&[0.0, -0.0, 41.0, 0.5, 1e15, 1e19, 1e300, -1e-300])),
        7 => Value::Array(Vec::new()),
        8 => Value::Object(Map::new()),
        _ => Value::from(*random.pick(TEXTS)),
    }
}

/// Converts a number to a string or a string to a number, and similarly for other types.
fn swap_form(node: &mut Value) {
    *node = match node {
        Value::Number(number) => Value::String(number.to_string()),
        Value::String(text) => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(text.len()),
        },
        Value::Bool(flag) => Value::String(flag.to_string()),
        Value::Array(items) => items.pop().unwrap_or_default(),
        Value::Null | Value::Object(_) => Value::Array(vec![node.take()]),
    };
}

fn name_of(members: &Map<String, Value>, random: &mut Random) -> Option<String> {
    members.keys().nth(random.below(members.len())).cloned()
}

fn remove(node: &mut Value, random: &mut Random) {
    match node {
        Value::Array(items) if !items.is_empty() => drop(items.remove(random.below(items.len()))),
        Value::Object(members) => drop(name_of(members, random).and_then(|name| members.remove(&name))),
        other => *other = Value::Null,
    }
}

fn rename(node: &mut Value, random: &mut Random) {
    if let Value::Object(members) = node
        && let Some(value) = name_of(members, random).and_then(|name| members.remove(&name))
    {
        members.insert((*random.pick(NAMES)).to_owned(), value);
    }
}

fn add(node: &mut Value, other: &Value, random: &mut Random) {
    let value = if random.one_in(2) { scalar(random) } else { part(other, random) };
    match node {
        Value::Array(items) => items.push(value),
        Value::Object(members) => drop(members.insert((*random.pick(NAMES)).to_owned(), value)),
        other => *other = value,
    }
}

/// Nests a node in arrays or objects, sometimes deeper than the recursion limit of the decoder.
fn nest(node: &mut Value, random: &mut Random) {
    let (depth, as_object) = (1 + random.below(140), random.one_in(2));
    for _ in 0..depth {
        let inner = node.take();
        *node = match as_object {
            true => Value::Object(Map::from_iter([("message".to_owned(), inner)])),
            false => Value::Array(vec![inner]),
        };
    }
}

fn long(random: &mut Random) -> String {
    random.pick(&["a", "9", "\u{0}", "👋", "\u{202e}", "\""]).repeat(1 + random.below(600))
}

fn double(node: &mut Value, random: &mut Random) {
    match node {
        Value::Array(items) if !items.is_empty() => {
            let item = items[random.below(items.len())].clone();
            items.insert(random.below(items.len() + 1), item);
        }
        Value::String(text) => *text = text.repeat(2),
        other => *other = Value::Array(vec![other.clone(), other.take()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nth_finds_every_node() {
        let mut value = json!({"a": [1, {"b": 2}], "c": "d"});
        assert_eq!(count(&value), 6);
        let found: Vec<_> = (0..7).map(|n| nth(&mut value, &mut n.clone()).cloned()).collect();
        assert_eq!(found[2..], [Some(json!(1)), Some(json!({"b": 2})), Some(json!(2)), Some(json!("d")), None]);
    }

    #[test]
    fn most_mutations_change_the_value() {
        let mut random = Random::new(1);
        let value = json!({"status": 0, "message": "success", "result": {"users": [{"user_id": "russ"}]}});
        let changed = (0..1000).filter(|_| {
            let mut changed = value.clone();
            mutate(&mut changed, &value, &mut random);
            changed != value
        });
        assert!(changed.count() > 800);
    }
}
