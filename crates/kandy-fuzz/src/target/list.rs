//! The target `list`.

use kandy_sys::{
    ApiFault, Envelope, ListReader, Status,
    types::{Device, DeviceList, User, UserList},
};
use serde::de::DeserializeOwned;

/// A response with a list, read while it arrives in chunks. The first byte determines their length.
///
/// * The outcome does not depend on the length of the chunks.
/// * The items, or the fault, are those of the whole envelope.
/// * `Status::scan` finds the status of the envelope.
pub fn list(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let length = 1 + usize::from(*first % 64);
    let users = compare::<User, UserList>("users", text, length, |list| list.users);
    let devices = compare::<Device, DeviceList>("devices", text, length, |list| list.devices);
    users || devices
}

/// The items, and the end of the list.
type Read<T> = (Vec<T>, Result<Option<ApiFault>, String>);

fn compare<T, L>(name: &'static str, text: &[u8], length: usize, items: fn(L) -> Vec<T>) -> bool
where
    T: DeserializeOwned + PartialEq + std::fmt::Debug,
    L: DeserializeOwned,
{
    let shown = text.escape_ascii();
    let read: Read<T> = in_chunks(name, text, text.len().max(1));
    let chunked: Read<T> = in_chunks(name, text, length);
    assert_eq!(read, chunked, "chunks of {length} bytes: b\"{shown}\"");
    let whole = Envelope::<L>::read(text);
    if let Ok(whole) = &whole {
        let scanned = Status::scan(text);
        assert_eq!(scanned, Some(whole.status()), "b\"{shown}\"");
    }
    match (whole.map(Envelope::into_result), read) {
        // The list reader is stricter than the envelope: it rejects duplicate results and lists, and an array as an object.
        (_, (_, Err(error))) if error.contains("duplicate") || error.contains("expected an object") => false,
        (Ok(Ok(list)), read) => {
            assert_eq!(read, (items(list), Ok(None)), "b\"{shown}\"");
            true
        }
        (Ok(Err(fault)), (_, Ok(found))) => {
            assert_eq!(found, Some(fault), "b\"{shown}\"");
            true
        }
        _ => false,
    }
}

fn in_chunks<T: DeserializeOwned>(name: &'static str, text: &[u8], length: usize) -> Read<T> {
    let mut reader = ListReader::new(name);
    let mut items = Vec::new();
    for chunk in text.chunks(length).map(Some).chain([None]) {
        match chunk {
            Some(chunk) => reader.add(chunk),
            None => reader.close(),
        }
        while let Some(item) = reader.next() {
            match item {
                Ok(item) => items.push(item),
                Err(error) => return (items, Err(error.to_string())),
            }
        }
    }
    (items, Ok(reader.fault()))
}
