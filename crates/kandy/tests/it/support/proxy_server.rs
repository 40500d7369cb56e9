//! Tiny proxies, which record who connects to what: HTTP with `CONNECT` (RFC 9110, section 9.3.6) and with absolute
//! targets (RFC 9112, section 3.2.2), and SOCKS5 with a password (RFC 1928, RFC 1929).

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A proxy that connects all clients to the same service, whatever host they name.
pub(crate) struct ProxyServer {
    /// Its `host:port`.
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl ProxyServer {
    /// Starts an HTTP proxy. It records the head of each request.
    pub(crate) fn http(service: &str) -> Self {
        Self::start(service, |client, service| {
            let head = read_head(client)?;
            let is_connect = head.starts_with("CONNECT ");
            if is_connect {
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
            } else {
                service.write_all(head.as_bytes())?;
            }
            Ok(head)
        })
    }

    /// Starts a SOCKS5 proxy. It records the user name, the password, the type of the address and the address.
    pub(crate) fn socks(service: &str) -> Self {
        Self::start(service, |client, _| {
            let [_version, count] = read(client)?;
            let mut methods = vec![0; count.into()];
            client.read_exact(&mut methods)?;
            let has_password = methods.contains(&2);
            client.write_all(&[5, if has_password { 2 } else { 0 }])?;
            let mut seen = String::new();
            if has_password {
                let [_version] = read(client)?;
                let (user, password) = (read_text(client)?, read_text(client)?);
                seen = format!("{user}:{password}@");
                client.write_all(&[1, 0])?;
            }
            let [_version, _command, _reserved, kind] = read(client)?;
            seen += &match kind {
                1 => format!("ip {}", std::net::Ipv4Addr::from(read::<4>(client)?)),
                3 => format!("name {}", read_text(client)?),
                other => format!("type {other}"),
            };
            let port = u16::from_be_bytes(read(client)?);
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            Ok(format!("{seen}:{port}"))
        })
    }

    fn start(
        service: &str,
        open: impl Fn(&mut TcpStream, &mut TcpStream) -> io::Result<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (service, recorded, open) = (service.to_owned(), requests.clone(), Arc::new(open));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (service, recorded, open) = (service.clone(), recorded.clone(), open.clone());
                thread::spawn(move || -> io::Result<()> {
                    let (mut client, mut service) = (client?, TcpStream::connect(service)?);
                    let request = open(&mut client, &mut service)?;
                    recorded.lock().expect("no panic while recording").push(request);
                    let (mut from, mut to) = (client.try_clone()?, service.try_clone()?);
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                    io::copy(&mut service, &mut client)?;
                    client.shutdown(Shutdown::Both)
                });
            }
        });
        Self { address, requests }
    }

    /// Returns what was recorded so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic while recording").clone()
    }
}

fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read::<1>(stream)?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn read<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads a text that its length precedes.
fn read_text(stream: &mut TcpStream) -> io::Result<String> {
    let [length] = read(stream)?;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
