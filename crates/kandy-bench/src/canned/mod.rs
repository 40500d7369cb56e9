//! A server that costs as little as one can: it answers what lies ready. It runs in a process of its own, so that it is
//! never what is measured.

mod answers;
mod connection;
mod gate;
mod users;

use std::sync::Arc;

use tokio::net::TcpSocket;

pub use users::{Order, Users};

use self::{answers::Answers, gate::Gate};
use crate::{
    Failure,
    helper::{self, Helper},
};

/// How many connections may wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 65_535;

/// The server, seen from the process that measures.
#[derive(Debug)]
pub struct Canned {
    helper: Helper,
    origin: String,
}

impl Canned {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start() -> Result<Self, Failure> {
        let mut helper = Helper::itself(["canned"])?;
        let origin = helper.hear()?;
        Ok(Self { helper, origin })
    }

    /// The base URL below which every operation answers its example, and a list one user.
    pub fn base_url(&self) -> String {
        format!("{}/v1.2", self.origin)
    }

    /// The base URL below which the list of users is this one.
    pub fn base_url_with(&self, users: Users) -> String {
        format!("{}/{users}/v1.2", self.origin)
    }

    /// From now on, answers no operation until `number` calls wait for it and [`go`](Self::go) is said.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn hold(&mut self, number: usize) -> Result<(), Failure> {
        self.helper.ask(&format!("hold {number}")).map(drop)
    }

    /// Waits until the calls are there.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn wait_for_calls(&mut self) -> Result<(), Failure> {
        self.helper.hear().map(drop)
    }

    /// Answers what waits, and what comes from now on.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn go(&mut self) -> Result<(), Failure> {
        self.helper.ask("go").map(drop)
    }

    /// Sends the second half of a list that is sent in halves.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn send_the_rest(&mut self) -> Result<(), Failure> {
        self.helper.ask("rest").map(drop)
    }
}

/// Is the server.
///
/// # Errors
///
/// When it cannot listen.
pub fn run() -> Result<(), Failure> {
    drop(rlimit::increase_nofile_limit(u64::MAX));
    // The clients need the other cores; a single one serves more calls than these can make.
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let gate = Arc::new(Gate::default());
    helper::tell(&runtime.block_on(listen(gate.clone()))?)?;
    helper::serve(|line| {
        match line.split_once(' ') {
            Some(("hold", number)) => gate.hold(number.parse()?),
            _ if line == "go" => gate.open(),
            _ if line == "rest" => gate.send_the_rest(),
            _ => return Err(format!("the canned server was told {line:?}").into()),
        }
        Ok(Some("yes".to_owned()))
    })
}

/// Is the server, on the runtime that this is awaited on: for small pieces, where another process would be the noise.
/// Answers its base URL.
///
/// # Errors
///
/// When it cannot listen.
pub async fn here() -> Result<String, Failure> {
    Ok(format!("{}/v1.2", listen(Arc::default()).await?))
}

async fn listen(gate: Arc<Gate>) -> Result<String, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(connection::accept(listener, Arc::new(Answers::default()), gate));
    Ok(origin)
}
