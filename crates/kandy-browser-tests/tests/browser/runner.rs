//! Runs the tests one after another on one Chromium, as `cargo test` prints them. A test fails if it panics, or if one of its
//! pages had a problem that the test did not expect.

use std::{process::ExitCode, sync::Arc, time::Instant};

use futures_util::future::BoxFuture;

use crate::{chromium::Chromium, context::Context, output};

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
    let mut failed = Vec::new();
    for test in tests {
        let begun = Instant::now();
        let context = Arc::new(Context::new(test.name, chromium.clone()));
        // A task of its own, whose panic is its result.
        let is_done = tokio::spawn((test.run)(context.clone())).await.is_ok();
        let problems = context.finish(is_done).await;
        let is_ok = is_done && problems.is_empty();
        for problem in problems {
            println!("{}: {problem}", test.name);
        }
        let result = if is_ok { "ok" } else { "FAILED" };
        println!("test {} ... {result} ({:.1} s)", test.name, begun.elapsed().as_secs_f64());
        if !is_ok {
            failed.push(test.name);
        }
    }
    chromium.stop().await;
    if !failed.is_empty() {
        println!("\nfailures, with pictures of their pages in {}:", output::folder().display());
        failed.iter().for_each(|name| println!("    {name}"));
    }
    let result = if failed.is_empty() { "ok" } else { "FAILED" };
    let passed = tests.len() - failed.len();
    println!(
        "\ntest result: {result}. {passed} passed; {} failed; {:.1} s",
        failed.len(),
        begun.elapsed().as_secs_f64()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
