//! Writing and loading the state of a full emulator, with other calls at the same time.
//!
//! Depends on `service`, `resource`, `growth` and `wire`. Begin with `measure`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use super::{
    growth::fill,
    most,
    resource::{Requests, Resource},
    service::{Service, result},
};
use crate::{
    BoxError, dependants,
    helper::Helper,
    load,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit, count},
    stats::high,
    wire::{Wire, request},
};

/// Number of calls before the snapshot, for comparison.
const SAMPLES: usize = 20_000;

/// A file that is deleted when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
        drop(std::fs::remove_file(self.0.with_file_name(".snapshot.jsonl.lock")));
    }
}

/// Fills an emulator with users, writes a snapshot of it into a file, and starts another one from the file.
pub(super) fn measure(plan: Plan) -> Result<Section, BoxError> {
    let (users, mut section) = (most(plan), Section::new("The emulator: state"));
    let name = count(users as u64);
    let file = Scratch(dependants::output()?.join("snapshot.jsonl"));
    std::fs::create_dir_all(file.0.parent().ok_or("a folder")?)?;
    load::single_thread()?.block_on(async {
        progress(format!("{name} users in the emulator"));
        let service = Service::start().await?;
        let requests = Resource::User.requests(&service).await?;
        fill(&service, &requests, 0, users).await?;
        write(&service, &requests, users, &file.0, &mut section).await
    })?;
    progress("an emulator from the file");
    let started = Instant::now();
    let mut helper = Helper::itself(["emulator-server".as_ref(), "--state".as_ref(), file.0.as_os_str()])?;
    helper.read_line()?;
    let seconds = started.elapsed().as_secs_f64();
    section.add(Row::new(format!("{name} users loaded, until ready")).figure(figure(Unit::Seconds, seconds)));
    section.add(memory("most memory while it is loaded", helper.peak_memory()));
    Ok(section)
}

fn figure(unit: Unit, value: f64) -> Option<Figure> {
    Figure::new("", unit, vec![value])
}

fn memory(what: &str, bytes: Option<f64>) -> Row {
    match bytes {
        Some(bytes) => Row::new(what).figure(figure(Unit::Bytes, bytes)),
        None => Row::new(what).unknown("the system does not report it"),
    }
}

/// Writes a snapshot, while another connection reads and creates users.
async fn write(
    service: &Service,
    requests: &Requests,
    users: usize,
    file: &Path,
    section: &mut Section,
) -> Result<(), BoxError> {
    let name = count(users as u64);
    progress(format!("a snapshot of {name} users"));
    let mut wire = Wire::connect(service.address).await?;
    let created = result(&mut wire, &requests.create(users)).await?;
    let read = requests.read(users, &created.text(requests.id())?);
    let mut next = users;
    // The same calls before and meanwhile: a read, and a creation, which changes what the snapshot is of.
    let mut calls = async || {
        next += 1;
        let mut times = [0.0; 2];
        for (time, ask) in times.iter_mut().zip([&read, &requests.create(next)]) {
            let started = Instant::now();
            wire.request(ask, |_| ()).await?;
            *time = started.elapsed().as_secs_f64();
        }
        Ok::<_, BoxError>(times)
    };
    let (mut before, mut meanwhile) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES / 2 {
        before.extend(calls().await?);
    }
    let memory_before = service.helper.memory();
    let (address, path) = (service.address, file.to_owned());
    // On a thread of its own, so that writing the file does not count as latency.
    let writing = thread::spawn(move || -> Result<f64, String> {
        let download = async {
            let mut file = BufWriter::new(File::create(path)?);
            let mut wire = Wire::connect(address).await?;
            let (started, mut failed) = (Instant::now(), None);
            let add = |chunk: &[u8]| failed = file.write_all(chunk).err().or(failed.take());
            wire.request(&request("GET", "/_emulator/snapshot", ""), add).await?;
            failed.map_or(Ok(()), Err)?;
            file.flush()?;
            Ok::<_, BoxError>(started.elapsed().as_secs_f64())
        };
        load::single_thread().and_then(|runtime| runtime.block_on(download)).map_err(|error| error.to_string())
    });
    let mut peak = memory_before;
    while !writing.is_finished() {
        meanwhile.extend(calls().await?);
        if meanwhile.len() % 200 == 0 {
            peak = service.helper.memory().into_iter().chain(peak).max_by(f64::total_cmp);
        }
    }
    let seconds = writing.join().map_err(|_| "the thread panicked")??;
    let size = std::fs::metadata(file)?.len() as f64;
    section.add(Row::new(format!("{name} users written")).figure(figure(Unit::Seconds, seconds)));
    section.add(Row::new("size of the file").figure(figure(Unit::Bytes, size)));
    section.add(memory("more memory while it is written", peak.zip(memory_before).map(|(peak, before)| peak - before)));
    for (what, of) in
        [("p99", high as fn(&[f64]) -> f64), ("longest", |times| times.iter().copied().fold(0.0, f64::max))]
    {
        let time = |name: &str, times: &[f64]| Figure::new(name, Unit::Seconds, vec![of(times)]);
        let row = Row::new(format!("{what} of other calls while it is written, beside before"));
        let row = row.operands(time("meanwhile", &meanwhile), time("before", &before)).figure(time("", &meanwhile));
        section.add(if what == "p99" { row.target(Target::AtMost(0.05)) } else { row });
    }
    Ok(())
}
