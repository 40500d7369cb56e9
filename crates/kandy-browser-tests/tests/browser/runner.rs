//! Runs the tests on one Chromium, and prints what `cargo test` does. A test fails if it panics, or if one of its
//! pages had a problem that the test did not expect.

use std::{num::NonZero, process::ExitCode, sync::Arc, time::Instant};

use futures_util::{StreamExt, future::BoxFuture, stream};

use crate::{chromium::Chromium, context::Context, output};

/// How many tests run at a time, at most. Each has an emulator and a page or more.
const JOBS: usize = 4;

tokio::task_local! {
    /// The test that a task runs.
    static NAME: &'static str;
}

/// A test, by module and name.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Arc<Context>) -> BoxFuture<'static, ()>,
}

/// Lists tests by their paths. One that is not listed is dead code, which the compiler reports.
macro_rules! tests {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$($crate::runner::Test {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: |context| Box::pin($crate::$module::$name(context)),
        }),*]
    };
}
pub(crate) use tests;

/// Runs the tests whose names contain one of the arguments; without arguments, those that do not begin with `pictures::readme`.
pub(crate) fn main(tests: &[Test]) -> ExitCode {
    let filters: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_chosen = |test: &&Test| match filters[..] {
        // It writes committed files.
        [] => !test.name.starts_with("pictures::readme"),
        _ => filters.iter().any(|filter| test.name.contains(filter.as_str())),
    };
    let chosen: Vec<&Test> = tests.iter().filter(is_chosen).collect();
    if std::env::args().any(|argument| argument == "--list") {
        chosen.iter().for_each(|test| println!("{}: test", test.name));
        return ExitCode::SUCCESS;
    }
    name_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&chosen))
}

async fn run(tests: &[&Test]) -> ExitCode {
    let begun = Instant::now();
    output::forget_failures();
    let chromium = match Chromium::start().await {
        Ok(chromium) => chromium,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("\nrunning {} tests", tests.len());
    // Whatever ends this process early must end the browser, too.
    let failed = tokio::select! {
        failed = run_all(tests, &chromium) => Some(failed),
        () = interrupted() => None,
    };
    chromium.stop().await;
    let Some(failed) = failed else {
        println!("\ninterrupted");
        return ExitCode::from(130);
    };
    if !failed.is_empty() {
        println!("\nfailures, with pictures of their pages in {}:", output::folder().display());
        failed.iter().for_each(|name| println!("    {name}"));
    }
    let result = if failed.is_empty() { "ok" } else { "FAILED" };
    let (passed, seconds) = (tests.len() - failed.len(), begun.elapsed().as_secs_f64());
    println!("\ntest result: {result}. {passed} passed; {} failed; {seconds:.1} s", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs tests, several at a time; then alone those that measure. Returns the names of those that failed.
async fn run_all(tests: &[&Test], chromium: &Arc<Chromium>) -> Vec<&'static str> {
    let jobs = std::thread::available_parallelism().map_or(1, NonZero::get).min(JOBS);
    let (measuring, others): (Vec<&Test>, Vec<&Test>) = tests.iter().partition(|test| test.name.starts_with("load::"));
    let mut failed = Vec::new();
    for (tests, jobs) in [(others, jobs), (measuring, 1)] {
        let running = tests.into_iter().map(|test| async move { (test.name, run_one(test, chromium).await) });
        let mut results = stream::iter(running).buffered(jobs);
        while let Some((name, is_ok)) = results.next().await {
            if !is_ok {
                failed.push(name);
            }
        }
    }
    failed
}

/// Runs a test, and returns whether it passed.
async fn run_one(test: &Test, chromium: &Arc<Chromium>) -> bool {
    let begun = Instant::now();
    let context = Arc::new(Context::new(test.name, chromium.clone()));
    // A task of its own, whose panic is its result.
    let is_done = tokio::spawn(NAME.scope(test.name, (test.run)(context.clone()))).await.is_ok();
    let problems = context.finish(is_done).await;
    let is_ok = is_done && problems.is_empty();
    for problem in problems {
        println!("{}: {problem}", test.name);
    }
    let result = if is_ok { "ok" } else { "FAILED" };
    println!("test {} ... {result} ({:.1} s)", test.name, begun.elapsed().as_secs_f64());
    is_ok
}

/// Prints with each panic the test that it ends: several run at a time, on the same threads.
fn name_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        eprint!("\n{}:", NAME.try_with(|name| *name).unwrap_or("no test"));
        print(info);
    }));
}

/// Waits until the user or a supervisor ends this process.
async fn interrupted() {
    #[cfg(unix)]
    {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut terminate = tokio::signal::unix::signal(kind).expect("a handler");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
