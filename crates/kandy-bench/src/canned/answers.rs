use std::collections::HashMap;

use bytes::Bytes;
use kandy_sys::OPERATIONS;

/// The example of every operation as a whole answer, by the beginning of its request: `GET /v1.2/domains/users`.
#[derive(Debug)]
pub(super) struct Answers(HashMap<Vec<u8>, Bytes>);

impl Default for Answers {
    fn default() -> Self {
        let answers = OPERATIONS.iter().map(|operation| {
            let beginning = format!("{} /v1.2{}", operation.method, operation.path);
            let mut answer = head(operation.example.len());
            answer.extend_from_slice(operation.example.as_bytes());
            (beginning.into_bytes(), answer.into())
        });
        Self(answers.collect())
    }
}

impl Answers {
    /// The answer to a request that begins like this.
    pub(super) fn find(&self, beginning: &[u8]) -> Option<Bytes> {
        self.0.get(beginning).cloned()
    }
}

/// What comes before a body of this length.
pub(super) fn head(length: usize) -> Vec<u8> {
    // With the headers that a server usually sends, so that clients have as much to read.
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_answers_its_example() {
        let answers = Answers::default();
        let answer = answers.find(b"GET /v1.2/domains/users/details").expect("user_get");
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(answer.ends_with(b"\"status\":0}"));
        assert_eq!(answers.find(b"GET /v1.2/nothing"), None);
    }
}
