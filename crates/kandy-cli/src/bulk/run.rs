use std::{collections::VecDeque, future::pending, path::Path, thread::JoinHandle, time::Duration};

use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, sleep_until},
};

use super::{
    BulkArguments, Input, Progress, Work,
    attempt::{self, Shared},
    dry_run, file,
    journal::{About, Journal, Past},
    read::{Row, Rows},
    rejected::Rejected,
    settle::Settling,
};
use crate::{
    context::Context,
    failure::{Failure, Result},
    signal::Signals,
};

/// How long calls that are under way are waited for when it is to end.
const GRACE: Duration = Duration::from_secs(5);

/// How many rows are taken from the thread that reads at once.
const AT_ONCE: usize = 64;

/// Does something with each row of a file, some at a time.
pub(crate) async fn run<W: Work>(context: &Context, work: &W, input: Input, arguments: &BulkArguments) -> Result {
    if context.is_dry_run() {
        return dry_run::check(context, work, input, arguments).await;
    }
    let name = input.name.clone();
    let journal = match (&arguments.journal, &input.path) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(_)) => Some(input.beside(&format!(".kandy-{}", W::NAME))),
        (None, None) => None,
    };
    let extension = input.format.extension();
    let failures = arguments.failures.clone();
    let failures = failures.unwrap_or_else(|| input.beside(&format!(".failures.{extension}")));
    let unknown = input.beside(&format!(".unknown.{extension}"));
    apart(&[
        ("the file that is read", input.path.as_deref()),
        ("the journal", journal.as_deref()),
        ("the file of what is unknown", (!W::REPEATABLE).then_some(&*unknown)),
        ("the file of failures", Some(&*failures)),
    ])?;
    let about = About { what: W::NAME, source: input.fingerprint()?, target: work.target()? };
    let progress = Progress::new(W::NOUNS[1], input.length, context.has_progress());
    let rows = Rows::open(input, work.columns(), arguments.reading)?;
    let (mut journal, past) = match journal {
        Some(path) => Journal::open(&path, &about, arguments.restart)?,
        None => (Journal::none(), Past::default()),
    };
    if past.is_empty() && !W::REPEATABLE && unknown.exists() {
        return Err(Failure::usage(format!(
            "{} is there from before; see to what is in it, and move it away",
            unknown.display()
        )));
    }
    journal.start(&about)?;
    let header = rows.header().cloned();
    let failures_length = if W::REPEATABLE { past.failures.max(past.unknown) } else { past.failures };
    let mut failures = Rejected::new(failures, header.as_ref(), failures_length);
    let mut unknown = Rejected::new(unknown, header.as_ref(), past.unknown);
    let form = arguments.reading.form();
    failures.set_form(form);
    unknown.set_form(form);
    failures.clear()?;
    if !W::REPEATABLE {
        unknown.clear()?;
    }
    let Past { finished, begun, counts, .. } = past;
    if counts.all() > 0 {
        let settled = indicatif::HumanCount(counts.all());
        context.output.done(format_args!("{name}: {settled} of its rows are settled already"));
    }
    // From here on Ctrl-C does not end the program at once.
    let signals = Signals::listen()?;
    let rows = rows.read(finished, begun)?;
    let settling = Settling::new(context, work, name, journal, (failures, unknown), header, progress, counts);
    let concurrency = arguments.concurrency.unwrap_or(W::CONCURRENCY).into();
    all(settling, rows, signals, concurrency).await
}

/// Refuses to read and write, or to write two things, in one place.
fn apart(files: &[(&str, Option<&Path>)]) -> Result {
    for (at, (what, path)) in files.iter().enumerate() {
        for (other, there) in &files[..at] {
            if let (Some(path), Some(there)) = (path, there)
                && file::is_same(path, there)
            {
                return Err(Failure::usage(format!("{} is {other}, and cannot be {what} too", there.display())));
            }
        }
    }
    Ok(())
}

/// Takes rows while there is room, and settles them as their outcomes come.
async fn all<W: Work>(
    mut settling: Settling<'_, W>,
    (mut rows, reader): (Receiver<Result<Row>>, JoinHandle<()>),
    mut signals: Signals,
    concurrency: usize,
) -> Result {
    let shared = Shared::default();
    let mut is_rate_limit_told = false;
    let (mut ending, mut until) = (None, None);
    let mut is_open = true;
    let mut reader = Some(reader);
    let mut under_way = FuturesUnordered::new();
    // The thread that reads is woken for many rows at once.
    let (mut read, mut waiting) = (Vec::new(), VecDeque::new());
    loop {
        let is_taking = (is_open || !waiting.is_empty()) && !shared.is_ending.get();
        if under_way.is_empty() && !is_taking {
            break;
        }
        let room = concurrency - under_way.len();
        if is_taking && room > 0 && !waiting.is_empty() {
            let calls = settling.begin(waiting.drain(..room.min(waiting.len())))?;
            let shared = &shared;
            under_way.extend(
                calls
                    .into_iter()
                    .map(|(number, call)| async move { (number, attempt::made::<W>(call, number, shared).await) }),
            );
            continue;
        }
        tokio::select! {
            biased;
            () = signals.next() => {
                if shared.is_ending.replace(true) {
                    break;
                }
                settling.say("kandy: waiting for what is under way; Ctrl-C again ends at once");
                ending.get_or_insert_with(|| Failure::Interrupted(String::new()));
                until = Some(Instant::now() + GRACE);
            }
            () = reached(until) => break,
            () = shared.rate_limited.notified(), if !is_rate_limit_told => {
                is_rate_limit_told = true;
                settling.say("kandy: the service limits the rate of requests (HTTP 429); rows wait and are tried again");
            }
            Some(first) = under_way.next(), if !under_way.is_empty() => {
                let mut next = Some(first);
                while let Some((number, end)) = next {
                    if let Some(error) = settling.settle(number, end, concurrency)? && !shared.is_ending.replace(true) {
                        ending.get_or_insert(Failure::Call(error));
                        until = Some(Instant::now() + GRACE);
                    }
                    next = under_way.next().now_or_never().flatten();
                }
                settling.flush()?;
            }
            count = rows.recv_many(&mut read, AT_ONCE), if is_taking && room > 0 => {
                is_open = count > 0;
                // Rows that were not read because of a mistake in this program must not count as none.
                if let Some(reader) = reader.take_if(|_| !is_open)
                    && reader.join().is_err()
                {
                    ending.get_or_insert_with(|| Failure::local("the file was not read to its end"));
                }
                for row in read.drain(..) {
                    match row {
                        Ok(row) => waiting.push_back(row),
                        Err(failure) => {
                            is_open = false;
                            ending.get_or_insert(failure);
                        }
                    }
                }
            }
        }
    }
    drop(under_way);
    settling.give_up(&shared.waiting.borrow())?;
    settling.end(ending, is_open || !waiting.is_empty())
}

/// Waits until then, or for ever.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}
