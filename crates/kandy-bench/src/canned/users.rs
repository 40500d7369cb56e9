//! The prepared lists of users.
//!
//! Depends on nothing. Begin with `Users`.

use std::{fmt, str::FromStr, sync::OnceLock};

use bytes::Bytes;

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The status before the users.
    StatusFirst,
    /// The users before the status.
    ResultFirst,
    /// The users before an error status.
    FaultLast,
    /// Like `StatusFirst`, with the second half on command.
    InHalves,
}

const ORDERS: [(Order, &str); 4] = [
    (Order::StatusFirst, "status-first"),
    (Order::ResultFirst, "result-first"),
    (Order::FaultLast, "fault-last"),
    (Order::InHalves, "in-halves"),
];

/// A response with a list of users. `Display` writes the part of the URL that requests it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Users {
    /// The order of the list.
    pub order: Order,
    /// The number of users.
    pub number: usize,
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ORDERS.iter().find(|(order, _)| *order == self.order).map_or("", |(_, name)| name);
        write!(f, "{name}:{}", self.number)
    }
}

impl FromStr for Users {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, number) = text.split_once(':').ok_or(())?;
        let (order, _) = ORDERS.iter().find(|(_, known)| *known == name).ok_or(())?;
        Ok(Self { order: *order, number: number.parse().map_err(drop)? })
    }
}

/// Number of distinct users; a longer list repeats them.
const DIFFERENT: usize = 1_000;

/// The distinct users, each after a comma, and the position of each.
fn different() -> &'static (Bytes, Vec<usize>) {
    static USERS: OnceLock<(Bytes, Vec<usize>)> = OnceLock::new();
    USERS.get_or_init(|| {
        let mut text = String::new();
        let mut begins = vec![0];
        for number in 0..DIFFERENT {
            // All fields that the live service returns.
            text.push_str(&format!(
                ",{{\"domain_name\":\"example.com\",\"full_user_id\":\"user{number:07}@example.com\",\
                 \"user_api_key\":\"UAK1a2b3c4d5e6f708192a3b4c5d{number:07}\",\
                 \"user_api_secret\":\"UAS90f8e7d6c5b4a392817060f5e{number:07}\",\"user_country_code\":\"1\",\
                 \"user_email\":\"user{number:07}@example.com\",\"user_first_name\":\"Russ\",\
                 \"user_id\":\"user{number:07}\",\"user_last_name\":\"Van der Berg\",\
                 \"user_phone_number\":\"352{number:07}\"}}"
            ));
            begins.push(text.len());
        }
        (text.into(), begins)
    })
}

impl Users {
    /// Returns the chunks of the body. Their number grows with that of the users, their memory does not.
    pub fn chunks(self) -> impl Iterator<Item = Bytes> {
        let (users, begins) = different();
        let (before, after) = match self.order {
            Order::StatusFirst | Order::InHalves => {
                (r#"{"status":0,"message":"success","result":{"users":["#, r#"]}}"#)
            }
            Order::ResultFirst => (r#"{"result":{"users":["#, r#"]},"message":"success","status":0}"#),
            Order::FaultLast => (r#"{"result":{"users":["#, r#"]},"message":"not now","status":25}"#),
        };
        let mut left = self.number;
        let mut is_first = true;
        let users = std::iter::from_fn(move || {
            let take = left.min(DIFFERENT);
            left -= take;
            let begin = usize::from(std::mem::take(&mut is_first));
            (take > 0).then(|| users.slice(begin..begins[take]))
        });
        let text = |text: &'static str| std::iter::once(Bytes::from_static(text.as_bytes()));
        text(before).chain(users).chain(text(after))
    }

    /// Returns the length of the body.
    pub fn length(self) -> usize {
        self.chunks().map(|chunk| chunk.len()).sum()
    }

    /// Returns the whole body.
    pub fn body(self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.length());
        self.chunks().for_each(|chunk| body.extend_from_slice(&chunk));
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handwritten::{Envelope, UserList};

    #[test]
    fn every_list_is_read_by_handwritten_code() {
        for (order, _) in ORDERS {
            for number in [0, 1, 2, 999, 1_000, 1_001, 2_500] {
                let users = Users { order, number };
                let body = users.body();
                assert_eq!(body.len(), users.length());
                let envelope: Envelope<UserList> = serde_json::from_slice(&body).expect("JSON");
                assert_eq!(envelope.status == 0, order != Order::FaultLast);
                assert_eq!(envelope.result.expect("a result").users.len(), number, "{users}");
                assert_eq!(users.to_string().parse(), Ok(users));
            }
        }
    }
}
