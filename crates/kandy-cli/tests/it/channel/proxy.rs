//! A proxy before the emulator, which makes of it a server that sends and loses what it should not.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use kandy_emulator::Emulator;

/// What happens to channels.
#[derive(Clone, Debug)]
pub(crate) enum Tampering {
    /// These text frames are sent first.
    Adds(Vec<String>),
    /// Nothing that the service sends arrives.
    Swallows,
    /// The connection ends when the client sends a frame of this type.
    CutsOn(&'static str),
}

/// A running proxy. It ends with the test.
pub(crate) struct Proxy {
    address: std::net::SocketAddr,
    frames: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    pub(crate) fn start(emulator: &Emulator, tampering: Tampering) -> Self {
        let upstream = emulator.base_url().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let frames = Arc::<Mutex<Vec<u8>>>::default();
        let recorded = frames.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A connection that ends does not fail the test.
                let Ok(server) = TcpStream::connect(&upstream) else { return };
                let (to_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (from_client, cutting) = (tampering.clone(), recorded.clone());
                thread::spawn(move || drop(requests(client, to_server, &from_client, &cutting)));
                let tampering = tampering.clone();
                thread::spawn(move || drop(responses(server, to_client, &tampering)));
            }
        });
        Self { address, frames }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1.2", self.address)
    }

    /// Returns the text frames that clients have sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        texts(&self.frames.lock().unwrap())
    }
}

/// Copies what a client sends. After a request for an upgrade, that is frames.
fn requests(
    mut from: TcpStream,
    mut to: TcpStream,
    tampering: &Tampering,
    frames: &Mutex<Vec<u8>>,
) -> std::io::Result<()> {
    let (mut is_upgraded, mut piece) = (false, [0; 4096]);
    loop {
        // A client that exits with unread frames resets its connection, which is an end, too.
        let length = from.read(&mut piece).unwrap_or_default();
        let bytes = &piece[..length];
        if length == 0 {
            return to.shutdown(Shutdown::Write);
        }
        if is_upgraded {
            let mut frames = frames.lock().unwrap();
            frames.extend_from_slice(bytes);
            if let Tampering::CutsOn(name) = tampering
                && texts(&frames).iter().any(|frame| frame.contains(name))
            {
                return from.shutdown(Shutdown::Both);
            }
        }
        // The head fits the buffer, and clients send no frame before the response.
        is_upgraded |= String::from_utf8_lossy(bytes).to_ascii_lowercase().contains("upgrade: websocket");
        to.write_all(bytes)?;
    }
}

/// Copies what the service sends. The head of an upgrade is sent as a whole.
fn responses(mut from: TcpStream, mut to: TcpStream, tampering: &Tampering) -> std::io::Result<()> {
    const END: &[u8] = b"\r\n\r\n";
    let mut piece = [0; 4096];
    let length = from.read(&mut piece)?;
    let mut begin = &piece[..length];
    if begin.starts_with(b"HTTP/1.1 101") {
        let head = begin.windows(END.len()).position(|end| end == END).unwrap() + END.len();
        to.write_all(&begin[..head])?;
        begin = &begin[head..];
        match tampering {
            Tampering::Adds(frames) => frames.iter().try_for_each(|frame| to.write_all(&frame_of(frame)))?,
            Tampering::Swallows => return std::io::copy(&mut from, &mut std::io::sink()).map(drop),
            Tampering::CutsOn(_) => {}
        }
    }
    to.write_all(begin)?;
    std::io::copy(&mut from, &mut to)?;
    to.shutdown(Shutdown::Write)
}

/// Returns a text frame of a server (RFC 6455, section 5.2).
fn frame_of(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 127];
    frame.extend_from_slice(&(text.len() as u64).to_be_bytes());
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// Returns the complete text frames of a client.
fn texts(mut bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((text, rest)) = next_frame(bytes) {
        texts.extend(text);
        bytes = rest;
    }
    texts
}

/// Returns the first frame of a client, if it is a text, and what follows.
fn next_frame(bytes: &[u8]) -> Option<(Option<String>, &[u8])> {
    let ([first, second], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match second & 0x7f {
        126 => rest.split_first_chunk().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
        127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        length => (length.into(), rest),
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let (payload, rest) = rest.split_at_checked(length.try_into().unwrap())?;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    Some(((*first == 0x81).then(|| String::from_utf8(payload).unwrap()), rest))
}
