use kandy_sys::{
    ApiFault, Envelope, ListReader, Status,
    types::{Device, DeviceList, User, UserList},
};
use serde::de::DeserializeOwned;

/// An answer with a list, read while it arrives: in pieces whose length follows from the first byte.
///
/// * What comes of it does not depend on the pieces.
/// * The items are those of the envelope in one piece, and a fault is that fault.
/// * The status that is looked for in passing is that of the envelope.
pub fn list(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let length = 1 + usize::from(*first % 64);
    let users = compare::<User, UserList>("users", text, length, |list| list.users);
    let devices = compare::<Device, DeviceList>("devices", text, length, |list| list.devices);
    users || devices
}

/// The items, and what the list ended with.
type Read<T> = (Vec<T>, Result<Option<ApiFault>, String>);

fn compare<T, L>(name: &'static str, text: &[u8], length: usize, items: fn(L) -> Vec<T>) -> bool
where
    T: DeserializeOwned + PartialEq + std::fmt::Debug,
    L: DeserializeOwned,
{
    let shown = text.escape_ascii();
    let read: Read<T> = in_pieces(name, text, text.len().max(1));
    let pieces: Read<T> = in_pieces(name, text, length);
    assert_eq!(read, pieces, "pieces of {length} bytes: b\"{shown}\"");
    let whole = Envelope::<L>::read(text);
    if let Ok(whole) = &whole {
        let peeked = Status::scan(text);
        assert_eq!(peeked, Some(whole.status()), "b\"{shown}\"");
    }
    match (whole.map(Envelope::into_result), read) {
        // It is more careful than the envelope: two results, or two lists, are none, and an array is no object.
        (_, (_, Err(problem))) if problem.contains("duplicate") || problem.contains("expected an object") => false,
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

fn in_pieces<T: DeserializeOwned>(name: &'static str, text: &[u8], length: usize) -> Read<T> {
    let mut reader = ListReader::new(name);
    let mut items = Vec::new();
    for piece in text.chunks(length).map(Some).chain([None]) {
        match piece {
            Some(piece) => reader.add(piece),
            None => reader.close(),
        }
        while let Some(item) = reader.next() {
            match item {
                Ok(item) => items.push(item),
                Err(problem) => return (items, Err(problem.to_string())),
            }
        }
    }
    (items, Ok(reader.fault()))
}
