//! Requests as a receiver and a proxy read them from a socket.

use std::{
    collections::HashMap,
    io::{self, BufRead},
};

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// The request line and the headers, as they were sent.
    pub(super) head: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads the next request of a connection; `None` at its end.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let (mut head, mut headers) = (String::new(), HashMap::new());
        loop {
            let begin = head.len();
            if from.read_line(&mut head)? == 0 {
                return Ok(None);
            }
            let line = head[begin..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        Ok(Some(Self { head, headers, body }))
    }

    /// Returns a header.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }

    /// Returns the body as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the text of the message in the body.
    pub(super) fn text(&self) -> String {
        self.json()["message"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Verifies the signature with the library of the Standard Webhooks project.
    #[track_caller]
    pub(super) fn verify(&self, secret: &str) {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let headers = names.map(|name| (name.parse().unwrap(), self.header(name).parse().unwrap()));
        let verifier = standardwebhooks::Webhook::new(secret).unwrap();
        verifier.verify(&self.body, &headers.into_iter().collect()).expect("a valid signature");
    }
}
