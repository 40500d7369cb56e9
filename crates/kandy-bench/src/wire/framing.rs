//! The framing of HTTP/1.1 responses.
//!
//! Depends on nothing. Begin with `Head` and `Body`.

use crate::BoxError;

/// The head of a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Its length in bytes.
    pub(super) length: usize,
    pub(super) headers: usize,
    /// Length of the body; none if it is chunked.
    content_length: Option<usize>,
}

impl Head {
    /// Parses a head; none if it is incomplete.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let length = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let text = String::from_utf8_lossy(&bytes[..length]);
        let mut lines = text.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
        let content_length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        Some(Self {
            status,
            length: length + 4,
            headers: headers.len(),
            content_length: content_length.and_then(|(_, value)| value.trim().parse().ok()),
        })
    }
}

/// The state of reading a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// A number of bytes.
    Bytes(usize),
    /// The length of a chunk.
    Chunk,
    /// The rest of a chunk with its line break.
    InChunk(usize),
    /// The line break after the last chunk.
    LastLine,
    /// The end.
    Complete,
}

impl Body {
    pub(super) fn of(head: &Head) -> Self {
        match head.content_length {
            Some(0) => Self::Complete,
            Some(length) => Self::Bytes(length),
            None => Self::Chunk,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        *self == Self::Complete
    }

    /// Consumes bytes of the body, and returns their number.
    pub(super) fn take(&mut self, bytes: &[u8], chunk: &mut impl FnMut(&[u8])) -> Result<usize, BoxError> {
        let mut used = 0;
        loop {
            let left = &bytes[used..];
            match *self {
                Self::Complete => return Ok(used),
                Self::Bytes(length) => {
                    let taken = length.min(left.len());
                    chunk(&left[..taken]);
                    *self = if taken == length { Self::Complete } else { Self::Bytes(length - taken) };
                    return Ok(used + taken);
                }
                Self::InChunk(length) => {
                    // The last two bytes are the line break.
                    let taken = length.min(left.len());
                    chunk(&left[..taken.min(length.saturating_sub(2))]);
                    used += taken;
                    *self = if taken == length { Self::Chunk } else { Self::InChunk(length - taken) };
                    if taken < length {
                        return Ok(used);
                    }
                }
                Self::Chunk | Self::LastLine => {
                    let Some(end) = left.windows(2).position(|window| window == b"\r\n") else { return Ok(used) };
                    let line = std::str::from_utf8(&left[..end])?;
                    used += end + 2;
                    *self = match (&self, line) {
                        (Self::LastLine, "") => Self::Complete,
                        (Self::LastLine, _) => Self::LastLine,
                        (_, line) => match usize::from_str_radix(line.trim(), 16)? {
                            0 => Self::LastLine,
                            length => Self::InChunk(length + 2),
                        },
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nB\r\n, to all of\r\n0\r\n\r\n";

    /// Reads a response that arrives in chunks of this length.
    fn read(response: &str, length: usize) -> (Head, String) {
        let head = Head::read(response.as_bytes()).expect("a head");
        let mut body = Body::of(&head);
        let (mut text, mut buffer) = (Vec::new(), Vec::new());
        for chunk in response.as_bytes()[head.length..].chunks(length) {
            assert!(!body.is_complete());
            buffer.extend_from_slice(chunk);
            let used = body.take(&buffer, &mut |chunk| text.extend_from_slice(chunk)).expect("a body");
            buffer.drain(..used);
        }
        assert!(body.is_complete() && buffer.is_empty(), "{body:?}, {} bytes left", buffer.len());
        (head, String::from_utf8(text).expect("text"))
    }

    #[test]
    fn a_body_is_read_however_it_comes() {
        for length in 1..30 {
            let (head, text) = read(PLAIN, length);
            assert_eq!((head.status, head.headers, text.as_str()), (200, 2, "hello"));
            assert_eq!(read(CHUNKED, length).1, "hello, to all of");
        }
    }

    #[test]
    fn half_a_head_is_none() {
        assert_eq!(Head::read(b"HTTP/1.1 200 OK\r\nx: y\r\n"), None);
    }

    #[test]
    fn what_is_no_chunk_is_an_error() {
        assert!(Body::Chunk.take(b"hello\r\n", &mut |_| ()).is_err());
    }
}
