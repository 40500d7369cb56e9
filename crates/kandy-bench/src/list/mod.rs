//! A long list of users: as a whole, and as a stream.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`].

pub mod stream;

use std::{hint::black_box, time::Instant};

use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::{
    BoxError,
    canned::{Canned, Order, Users},
    client::Kind,
    handwritten::{Envelope, UserList},
    load::{self, Candidate},
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Number of users of the whole list.
const USERS: usize = 100_000;

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("A list of 100,000 users");
    let mut server = Canned::start()?;
    for (order, name) in [(Order::StatusFirst, "status first"), (Order::ResultFirst, "result first")] {
        progress(format!("a list of users, {name}"));
        whole(plan, &server, order, name, &mut section)?;
    }
    stream::measure(plan, &mut server, &mut section)?;
    Ok(section)
}

/// A client, or the decoding alone.
enum Way {
    /// A whole call.
    Call(Box<dyn Candidate>),
    /// `serde_json::from_slice` into handwritten structs, from memory.
    FromSlice(Bytes),
}

impl Way {
    fn time(&self, runtime: &Runtime) -> Result<f64, BoxError> {
        match self {
            Self::Call(client) => client.time_of_list(runtime),
            Self::FromSlice(body) => {
                let body = body.clone();
                // On a worker thread, like a call: the allocator uses another arena than on the main thread.
                runtime.block_on(runtime.spawn(async move {
                    let started = Instant::now();
                    let envelope: Envelope<UserList> = serde_json::from_slice(&body)?;
                    // Includes the drop, as a call does.
                    drop(black_box(envelope));
                    Ok(started.elapsed().as_secs_f64())
                }))?
            }
        }
    }
}

fn whole(plan: Plan, server: &Canned, order: Order, name: &str, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    let users = Users { order, number: USERS };
    let base_url = server.base_url_with(users);
    let mut ways = Vec::new();
    for kind in Kind::ALL {
        ways.push(Way::Call(load::candidate(kind, &base_url)?));
    }
    ways.push(Way::FromSlice(users.body().into()));
    let rounds = alternate(plan.warm_up(), plan.rounds(20), &mut ways, |way| way.time(&runtime))?;
    let names = Kind::ALL.map(Kind::name).into_iter().chain(["from_slice"]);
    let mut figures = names.zip(rounds).map(|(name, rounds)| Figure::new(name, Unit::Seconds, rounds));
    let [kandy, sys, reqwest, hyper, from_slice] = std::array::from_fn(|_| figures.next().flatten());

    let row = |what: &str| Row::new(format!("whole list, {name}: {what}"));
    let most = Target::AtMost(0.95);
    section.add(row("users() / handwritten call").ratio(kandy.clone(), reqwest.clone()).target(most));
    section.add(row("kandy-sys / handwritten call").ratio(sys, reqwest.clone()));
    // The time beyond receiving is decoding: on one core they run one after the other.
    let decoding = |call: &Option<Figure>| {
        let row = Row::new("").added(call.clone(), hyper.clone());
        row.into_figure("decoding")
    };
    section.add(row("(users() − receiving) / from_slice").ratio(decoding(&kandy), from_slice.clone()));
    section.add(row("(handwritten call − receiving) / from_slice").ratio(decoding(&reqwest), from_slice));
    section.add(row("receiving alone").figure(hyper));
    Ok(())
}
