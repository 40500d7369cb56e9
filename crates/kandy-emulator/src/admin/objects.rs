//! Lists of objects, page by page, with a search. A list of a million objects costs other requests nothing: the state is locked for
//! a thousand of them at a time, and a search ends after fifty thousand with a cursor to go on from.
//!
//! Depends on `object_rows`, `state` and `protocol`. Begin with [`list`].

use kandy_sys::{ApiFault, Status};
use serde_json::{Value, json};

use super::object_rows::{self, Kind};
use crate::{
    protocol::call::FormParams,
    state::{SharedState, State},
};

/// How many objects a page has, and how many it may have.
const LIMIT: usize = 50;
const MOST: usize = 200;
/// How many objects are examined while the state is locked.
const CHUNK: usize = 1000;
/// How many objects a request examines.
const MOST_EXAMINED: usize = 50_000;

/// Lists objects. Blocks the thread, and not the requests.
pub(super) fn list(state: &SharedState, query: Option<&str>) -> Result<Value, ApiFault> {
    let query = Query::read(query.unwrap_or_default())?;
    let mut page = Page { last: query.after.map(|cursor| cursor.key), ..Page::default() };
    let mut generation = query.after.map(|cursor| cursor.generation);
    loop {
        let progress = {
            let state = state.lock();
            // After a reset or a restore, the keys are those of other objects.
            if *generation.get_or_insert(state.generation) != state.generation {
                return Err(invalid("the state was replaced since the list was begun; begin again without after"));
            }
            page.fill(&state, &query)?
        };
        match progress {
            Progress::Done => {
                page.last = None;
                break;
            }
            Progress::Full => break,
            Progress::More if page.searched >= MOST_EXAMINED => break,
            Progress::More => state.yield_blocking(),
        }
    }
    let next = page.last.zip(generation).map(|(key, generation)| Cursor { generation, key }.write(query.kind));
    Ok(json!({"objects": page.objects, "next": next, "searched": page.searched}))
}

struct Query {
    kind: Kind,
    /// In lower case.
    search: String,
    after: Option<Cursor>,
    limit: usize,
}

impl Query {
    fn read(query: &str) -> Result<Self, ApiFault> {
        let query = FormParams::decode(query).ok_or_else(|| invalid("the query is not UTF-8"))?;
        let kind = query.get("kind").and_then(|name| Kind::ALL.into_iter().find(|kind| kind.name() == name));
        let kind = kind.ok_or_else(|| {
            invalid(format!("the parameter kind is none of: {}", Kind::ALL.map(Kind::name).join(", ")))
        })?;
        let limit = match query.get("limit") {
            None => LIMIT,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=MOST).contains(limit))
                .ok_or_else(|| invalid(format!("the parameter limit is not a number from 1 to {MOST}")))?,
        };
        let after = match query.get("after") {
            None => None,
            Some(cursor) => Some(Cursor::read(kind, cursor).ok_or_else(not_a_cursor)?),
        };
        Ok(Self { kind, search: query.get("search").unwrap_or_default().trim().to_lowercase(), after, limit })
    }
}

/// The last object that was examined, by its key and not by its position, so that deletions do not move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    generation: u64,
    key: u128,
}

impl Cursor {
    fn write(self, kind: Kind) -> String {
        format!("{}-{:x}-{:x}", kind.name(), self.generation, self.key)
    }

    fn read(kind: Kind, text: &str) -> Option<Self> {
        let (generation, key) = text.strip_prefix(kind.name())?.strip_prefix('-')?.split_once('-')?;
        let cursor =
            Self { generation: u64::from_str_radix(generation, 16).ok()?, key: u128::from_str_radix(key, 16).ok()? };
        // The parser of numbers takes signs and zeros, too.
        (cursor.write(kind) == text).then_some(cursor)
    }
}

enum Progress {
    /// The page has as many objects as were asked for, and there are others to examine.
    Full,
    More,
    /// All objects were examined.
    Done,
}

#[derive(Default)]
struct Page {
    objects: Vec<Value>,
    searched: usize,
    /// The key of the last object that was examined.
    last: Option<u128>,
    /// Kept for its memory.
    text: String,
}

impl Page {
    /// Examines objects until a chunk is done.
    fn fill(&mut self, state: &State, query: &Query) -> Result<Progress, ApiFault> {
        let now = state.clock.now();
        let rows = object_rows::rows(state, query.kind, self.last).ok_or_else(not_a_cursor)?;
        for (at, (key, row)) in rows.enumerate() {
            if self.objects.len() == query.limit {
                return Ok(Progress::Full);
            }
            if at == CHUNK {
                return Ok(Progress::More);
            }
            self.last = Some(key);
            self.searched += 1;
            if row.exists(state, now) && self.fits(&query.search, |text| row.write_text(state, text)) {
                self.objects.push(row.describe(state, now));
            }
        }
        Ok(Progress::Done)
    }

    fn fits(&mut self, search: &str, write: impl FnOnce(&mut String)) -> bool {
        if search.is_empty() {
            return true;
        }
        self.text.clear();
        write(&mut self.text);
        if self.text.is_ascii() {
            // Without another allocation.
            self.text.make_ascii_lowercase();
            self.text.contains(search)
        } else {
            self.text.to_lowercase().contains(search)
        }
    }
}

fn not_a_cursor() -> ApiFault {
    invalid("the parameter after is not a cursor of this kind")
}

fn invalid(message: impl Into<String>) -> ApiFault {
    ApiFault::new(Status::VALIDATION_FAILED, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_are_of_one_kind() {
        for kind in Kind::ALL {
            for key in [0, u128::MAX] {
                let cursor = Cursor { generation: 7, key };
                let text = cursor.write(kind);
                let readers: Vec<_> =
                    Kind::ALL.into_iter().filter(|kind| Cursor::read(*kind, &text).is_some()).collect();
                assert_eq!(readers, [kind]);
                assert_eq!(Cursor::read(kind, &text), Some(cursor));
            }
        }
        for wrong in
            ["", "users", "users-", "users-1", "users-1-", "users-+1-1", "users-1-01", "users-1-1-1", "users-g-1"]
        {
            assert_eq!(Cursor::read(Kind::Users, wrong), None, "{wrong}");
        }
    }
}
