//! The bytes of the last exchanges, in one buffer: a request costs a copy and no allocation, whose later release would be felt.
//!
//! Depends on `exchange`. Begin with `ExchangeRing`.

use std::collections::VecDeque;

use http::HeaderMap;

use super::exchange::{Body, Exchange};

/// How many bytes are kept. A request with a small body takes about 700.
const BYTES: usize = 4 << 20;

/// An exchange to be kept.
pub(crate) struct NewExchange<'a> {
    /// The query of the request, encoded.
    pub(crate) query: &'a str,
    pub(crate) request: (&'a HeaderMap, Body),
    pub(crate) response: (&'a HeaderMap, Body),
}

/// Where an exchange is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Counts all bytes that were ever added.
    begin: u64,
    /// The lengths of the query, of the headers and the body of the request, and of those of the response.
    lengths: [usize; 5],
    /// Why the bodies of the request and of the response are not there.
    left_out: [Option<&'static str>; 2],
}

/// The bytes of the last exchanges, oldest first.
#[derive(Default)]
pub(super) struct ExchangeRing {
    bytes: VecDeque<u8>,
    /// How many were removed from the front.
    removed: u64,
}

impl ExchangeRing {
    /// Adds an exchange, which takes the place of the oldest ones when the buffer is full.
    pub(super) fn add(&mut self, exchange: &NewExchange<'_>) -> Place {
        let begin = self.end();
        let mut left_out = [None; 2];
        let mut lengths = [0; 5];
        self.bytes.extend(exchange.query.as_bytes());
        lengths[0] = exchange.query.len();
        for (at, (headers, body)) in [&exchange.request, &exchange.response].into_iter().enumerate() {
            let before = self.bytes.len();
            for (name, value) in *headers {
                for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"] {
                    self.bytes.extend(part);
                }
            }
            lengths[1 + 2 * at] = self.bytes.len() - before;
            match body {
                Body::LeftOut(reason) => left_out[at] = Some(*reason),
                Body::Bytes(bytes) => {
                    self.bytes.extend(bytes.iter().as_slice());
                    lengths[2 + 2 * at] = bytes.len();
                }
            }
        }
        let excess = self.bytes.len().saturating_sub(BYTES);
        self.bytes.drain(..excess);
        self.removed += u64::try_from(excess).unwrap_or_default();
        Place { begin, lengths, left_out }
    }

    /// The query of an exchange, if it is still there.
    pub(super) fn query(&self, place: &Place) -> Option<Vec<u8>> {
        self.read(place.begin, place.lengths[0])
    }

    /// Reads an exchange, if it is still there.
    pub(super) fn get(&self, place: &Place) -> Option<Exchange> {
        let mut begin = place.begin;
        let mut next = |length: usize| {
            let bytes = self.read(begin, length);
            begin += u64::try_from(length).unwrap_or_default();
            bytes
        };
        let [query, request_headers, request, response_headers, response] = place.lengths.map(&mut next);
        let body = |at: usize, bytes: Option<Vec<u8>>| {
            let bytes = bytes?;
            Some(place.left_out[at].map_or_else(|| Body::Bytes(bytes.into()), Body::LeftOut))
        };
        Some(Exchange {
            query: query?,
            request: (request_headers?, body(0, request)?),
            response: (response_headers?, body(1, response)?),
        })
    }

    pub(super) fn clear(&mut self) {
        self.removed = self.end();
        self.bytes.clear();
    }

    fn end(&self) -> u64 {
        self.removed + u64::try_from(self.bytes.len()).unwrap_or_default()
    }

    fn read(&self, begin: u64, length: usize) -> Option<Vec<u8>> {
        let begin = usize::try_from(begin.checked_sub(self.removed)?).ok()?;
        let end = begin.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        Some(self.bytes.range(begin..end).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderValue;

    use super::*;

    fn add(ring: &mut ExchangeRing, query: &str, length: usize) -> Place {
        let headers = HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static("a: b"))]);
        let body = Body::new(&Bytes::from(vec![b'x'; length]));
        let exchange = NewExchange { query, request: (&headers, body), response: (&headers, Body::LeftOut("reason")) };
        ring.add(&exchange)
    }

    #[test]
    fn exchanges_are_read_as_they_were_added() {
        let mut ring = ExchangeRing::default();
        let places = [("a=1", 0), ("", 3), ("b=2", 64 * 1024)]
            .map(|(query, length)| (query, length, add(&mut ring, query, length)));
        for (query, length, place) in places {
            assert_eq!(ring.query(&place).as_deref(), Some(query.as_bytes()));
            let exchange = ring.get(&place).expect("kept");
            assert_eq!(exchange.request.0, b"host: a: b\n");
            assert!(matches!(&exchange.request.1, Body::Bytes(bytes) if bytes.len() == length));
            assert!(matches!(exchange.response.1, Body::LeftOut("reason")));
        }
        ring.clear();
        assert!(places.iter().all(|(.., place)| ring.get(place).is_none()), "cleared");
        let after = add(&mut ring, "c=3", 1);
        assert_eq!(ring.query(&after).as_deref(), Some(b"c=3".as_slice()));
    }

    #[test]
    fn the_oldest_make_room() {
        let mut ring = ExchangeRing::default();
        let places: Vec<_> =
            (0..=BYTES / (64 * 1024)).map(|number| add(&mut ring, &format!("n={number}"), 64 * 1024)).collect();
        assert_eq!(ring.bytes.len(), BYTES);
        // The buffer is doubled as it grows, and once more by what is added before the oldest are removed.
        assert!(ring.bytes.capacity() <= 3 * BYTES, "{}", ring.bytes.capacity());
        assert!(ring.get(&places[0]).is_none() && ring.query(&places[0]).is_none());
        let last = ring.query(places.last().expect("one")).expect("kept");
        assert_eq!(last, format!("n={}", places.len() - 1).into_bytes());
        assert_eq!(places.iter().filter(|place| ring.get(place).is_some()).count(), places.len() - 2);
    }
}
