//! The prepared responses: the example of each operation.
//!
//! Depends on the operation table alone. Begin with `Responses::find`.

use std::collections::HashMap;

use bytes::Bytes;
use kandy_sys::OPERATIONS;

/// The example of every operation as a complete response, by the beginning of its request: `GET /v1.2/domains/users`.
#[derive(Debug)]
pub(super) struct Responses(HashMap<Vec<u8>, Bytes>);

impl Default for Responses {
    fn default() -> Self {
        let responses = OPERATIONS.iter().map(|operation| {
            let beginning = format!("{} /v1.2{}", operation.method, operation.path);
            let mut response = head(operation.example.len());
            response.extend_from_slice(operation.example.as_bytes());
            (beginning.into_bytes(), response.into())
        });
        Self(responses.collect())
    }
}

impl Responses {
    /// Returns the response to a request with this beginning.
    pub(super) fn find(&self, beginning: &[u8]) -> Option<Bytes> {
        self.0.get(beginning).cloned()
    }
}

/// Returns the head of a response with a body of this length.
pub(super) fn head(length: usize) -> Vec<u8> {
    // The usual headers of a server, so that clients parse as much.
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
        let responses = Responses::default();
        let response = responses.find(b"GET /v1.2/domains/users/details").expect("user_get");
        assert!(response.starts_with(b"HTTP/1.1 200 OK\r\n"));
        assert!(response.ends_with(b"\"status\":0}"));
        assert_eq!(responses.find(b"GET /v1.2/nothing"), None);
    }
}
