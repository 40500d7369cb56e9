//! A minimal server with prepared responses. It runs in a process of its own, so that it is
//! not part of a measurement.
//!
//! Depends on `helper`. Begin with [`Canned`].

mod barrier;
mod connection;
mod responses;
mod users;

use std::sync::Arc;

use tokio::net::TcpSocket;

pub use users::{Order, Users};

use self::{barrier::Barrier, responses::Responses};
use crate::{
    BoxError,
    helper::{self, Helper},
};

/// Size of the accept queue; the system may limit it further.
const BACKLOG: u32 = 65_535;

/// The handle of the server in the measuring process.
#[derive(Debug)]
pub struct Canned {
    helper: Helper,
    origin: String,
}

impl Canned {
    /// Starts the server, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start() -> Result<Self, BoxError> {
        let mut helper = Helper::itself(["canned"])?;
        let origin = helper.read_line()?;
        Ok(Self { helper, origin })
    }

    /// Returns the base URL at which every operation returns its example, and lists have one user.
    pub fn base_url(&self) -> String {
        format!("{}/v1.2", self.origin)
    }

    /// Returns the base URL at which the list of users is this one.
    pub fn base_url_with(&self, users: Users) -> String {
        format!("{}/{users}/v1.2", self.origin)
    }

    /// Closes the barrier: responses wait until `number` calls have arrived, and [`go`](Self::go) is called.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn hold(&mut self, number: usize) -> Result<(), BoxError> {
        self.helper.request(&format!("hold {number}")).map(drop)
    }

    /// Waits until the expected calls have arrived.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn wait_for_calls(&mut self) -> Result<(), BoxError> {
        self.helper.read_line().map(drop)
    }

    /// Opens the barrier.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn go(&mut self) -> Result<(), BoxError> {
        self.helper.request("go").map(drop)
    }

    /// Sends the second half of a list in halves.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn send_the_rest(&mut self) -> Result<(), BoxError> {
        self.helper.request("rest").map(drop)
    }
}

/// Runs the process of the server.
///
/// # Errors
///
/// When it cannot listen.
pub fn run() -> Result<(), BoxError> {
    drop(rlimit::increase_nofile_limit(u64::MAX));
    // A quarter of the cores serves more calls than the clients can make on the others.
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    let barrier = Arc::new(Barrier::default());
    helper::print_line(&runtime.block_on(listen(barrier.clone()))?)?;
    helper::serve(|line| {
        match line.split_once(' ') {
            Some(("hold", number)) => barrier.hold(number.parse()?),
            _ if line == "go" => barrier.open(),
            _ if line == "rest" => barrier.send_the_rest(),
            _ => return Err(format!("unknown command of the canned server: {line:?}").into()),
        }
        Ok(Some("yes".to_owned()))
    })
}

/// Runs the server on the current runtime, and returns its base URL: for micro-benchmarks, which another process would
/// disturb.
///
/// # Errors
///
/// When it cannot listen.
pub async fn here() -> Result<String, BoxError> {
    Ok(format!("{}/v1.2", listen(Arc::default()).await?))
}

async fn listen(barrier: Arc<Barrier>) -> Result<String, BoxError> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(connection::accept(listener, Arc::new(Responses::default()), barrier));
    Ok(origin)
}
