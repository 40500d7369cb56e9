//! Serves the connections of the canned server.
//!
//! Depends on `responses`, `barrier` and `users`. Begin with `serve`.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    barrier::Barrier,
    responses::{self, Responses},
    users::{Order, Users},
};

pub(super) async fn accept(listener: TcpListener, responses: Arc<Responses>, barrier: Arc<Barrier>) {
    loop {
        // Accepting fails while too many files are open: try again.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let (responses, barrier) = (responses.clone(), barrier.clone());
        tokio::spawn(async move { serve(stream, &responses, &barrier).await });
    }
}

/// Serves one request after another, until the client disconnects.
async fn serve(mut stream: TcpStream, responses: &Responses, barrier: &Barrier) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(1024);
    loop {
        let end = loop {
            if let Some(end) = end_of_request(&buffer) {
                break end;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let beginning = beginning(&buffer);
        if let Some(response) = responses.find(beginning) {
            // Token requests skip the barrier: a call that waits for a token would never reach it.
            if !beginning.ends_with(b"accesstokens") {
                barrier.pass().await;
            }
            stream.write_all(&response).await?;
        } else {
            match list(beginning) {
                Ok(users) => send(&mut stream, users, barrier).await?,
                Err(below) => stream.write_all(&responses.find(&below).unwrap_or(NOT_FOUND)).await?,
            }
        }
        buffer.drain(..end);
    }
}

const NOT_FOUND: bytes::Bytes = bytes::Bytes::from_static(b"HTTP/1.1 404 Not ResultJson\r\ncontent-length: 0\r\n\r\n");

/// Returns the end of a request that has arrived completely.
fn end_of_request(buffer: &[u8]) -> Option<usize> {
    // The common case: no body, and one packet.
    if buffer.starts_with(b"GET ") && buffer.ends_with(b"\r\n\r\n") {
        return Some(buffer.len());
    }
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let body = content_length(&buffer[..head]);
    let end = head + 4 + body;
    (buffer.len() >= end).then_some(end)
}

fn content_length(head: &[u8]) -> usize {
    let lines = head.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let length = headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or_default()
}

/// Returns method and path.
fn beginning(request: &[u8]) -> &[u8] {
    let method = request.iter().position(|byte| *byte == b' ').map_or(0, |at| at + 1);
    let end = request[method..].iter().position(|byte| matches!(byte, b' ' | b'?'));
    &request[..end.map_or(request.len(), |end| method + end)]
}

/// Returns the requested list: `GET /result-first:1000/v1.2/domains/users`. For another operation it returns the
/// request without the first part of the path.
fn list(beginning: &[u8]) -> Result<Users, Vec<u8>> {
    let text = String::from_utf8_lossy(beginning);
    let Some((method, path)) = text.split_once(" /") else { return Err(Vec::new()) };
    let (users, below) = path.split_once('/').unwrap_or_default();
    match users.parse() {
        Ok(users) if method == "GET" && below == "v1.2/domains/users" => Ok(users),
        _ => Err(format!("{method} /{below}").into_bytes()),
    }
}

async fn send(stream: &mut TcpStream, users: Users, barrier: &Barrier) -> io::Result<()> {
    stream.write_all(&responses::head(users.length())).await?;
    let half = users.chunks().count() / 2;
    for (at, chunk) in users.chunks().enumerate() {
        if users.order == Order::InHalves && at == half {
            barrier.rest().await;
        }
        stream.write_all(&chunk).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_with_its_body() {
        let get = b"GET /v1.2/domains/users?key=x HTTP/1.1\r\nhost: x\r\n\r\n";
        assert_eq!(end_of_request(get), Some(get.len()));
        assert_eq!(end_of_request(&get[..get.len() - 1]), None);
        let post = b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n1234GET";
        assert_eq!(end_of_request(post), Some(post.len() - 3));
        assert_eq!(end_of_request(&post[..post.len() - 4]), None);
    }

    #[test]
    fn the_query_is_no_part_of_the_beginning() {
        assert_eq!(beginning(b"GET /v1.2/a?key=x HTTP/1.1\r\n"), b"GET /v1.2/a");
        assert_eq!(beginning(b"GET /v1.2/a HTTP/1.1\r\n"), b"GET /v1.2/a");
    }

    #[test]
    fn a_list_is_asked_for_by_the_path() {
        let users = Users { order: Order::ResultFirst, number: 10 };
        assert_eq!(list(b"GET /result-first:10/v1.2/domains/users"), Ok(users));
        assert_eq!(
            list(b"GET /result-first:10/v1.2/domains/accesstokens"),
            Err(b"GET /v1.2/domains/accesstokens".to_vec())
        );
        assert_eq!(list(b"POST /result-first:10/v1.2/domains/users"), Err(b"POST /v1.2/domains/users".to_vec()));
    }
}
