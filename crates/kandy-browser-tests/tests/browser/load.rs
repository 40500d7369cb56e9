//! The page with much to show. Times are measured, printed and kept in `figures.json`; what is asserted is no time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};

use crate::{
    context::Context,
    emulator::Emulator,
    output,
    page::{Look, Page},
};

/// How many requests the emulator keeps.
const KEPT: usize = 10_000;

/// How often the page is loaded: the median counts.
const LOADS: usize = 5;

/// The rate of events, and for how long.
const PER_SECOND: usize = 1000;
const SECONDS: usize = 5;

/// Remembers when the first row was drawn.
const FIRST_ROW: &str = "(() => {
    const look = () => {
        if (document.querySelector('main tbody tr, main [role=row] [role=cell], main [role=listitem], main li')) {
            requestAnimationFrame(() => { globalThis.firstRow = performance.now(); });
        } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()";

/// Remembers the longest task, and the longest time from a click until the page has drawn what follows.
const RESPONSIVENESS: &str = "globalThis.longest = { task: 0, click: 0 };
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest.task = Math.max(longest.task, duration);
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) if (name === 'click') longest.click = Math.max(longest.click, duration);
    }).observe({ type: 'event', durationThreshold: 16 }); 0";

/// Sends requests that are refused at once, many at a time.
async fn send(emulator: &Emulator, count: usize) {
    let url = format!("{}/v1.2/nothing/many", emulator.origin());
    stream::iter(0..count)
        .for_each_concurrent(8, |_| async {
            drop(emulator.http().get(&url).send().await.expect("a response").bytes().await)
        })
        .await;
}

async fn milliseconds(page: &Page, expression: &str) -> f64 {
    page.evaluate(expression).await.as_f64().expect("a number").round()
}

pub(crate) async fn ten_thousand_requests_are_shown_soon(context: Arc<Context>) {
    let emulator = context.emulator();
    send(&emulator, KEPT + 100).await;
    let mut until_rows = Vec::new();
    let mut until_loaded = Vec::new();
    for _ in 0..LOADS {
        let page = context.page(Look::default()).await;
        page.run_first(FIRST_ROW).await;
        page.go(&emulator.page_url("requests")).await;
        page.see("/v1.2/nothing/many").await;
        page.wait("the first row", "globalThis.firstRow").await;
        until_rows.push(milliseconds(&page, "firstRow").await);
        until_loaded.push(milliseconds(&page, "performance.getEntriesByType('navigation')[0].loadEventEnd").await);
        page.see("Connected").await;
    }
    until_rows.sort_by(f64::total_cmp);
    until_loaded.sort_by(f64::total_cmp);
    output::figure("10,000 requests: ms until rows are drawn (target: below 300)", until_rows[LOADS / 2]);
    output::figure("10,000 requests: ms until the page is loaded", until_loaded[LOADS / 2]);
}

pub(crate) async fn a_thousand_events_a_second_leave_time_for_clicks(context: Arc<Context>) {
    let emulator = context.emulator();
    send(&emulator, 500).await;
    let page = context.open(&emulator, "requests").await;
    page.see("/v1.2/nothing/many").await;
    page.evaluate(RESPONSIVENESS).await;
    let begun = Instant::now();
    let sender = emulator.clone();
    let events = tokio::spawn(async move {
        // A part each 20 ms; one that is late is made up for.
        let parts = SECONDS * 50;
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..parts {
            ticks.tick().await;
            send(&sender, PER_SECOND / 50).await;
        }
        begun.elapsed()
    });
    // Each of them has its effect, while events arrive.
    let mut clicks = 0;
    while !events.is_finished() || clicks == 0 {
        page.click("button", "Pause").await;
        page.find("button", "Go on").await;
        page.click("button", "Go on").await;
        page.find("button", "Pause").await;
        clicks += 2;
    }
    let took = events.await.expect("sent");
    emulator.send("GET", "/v1.2/nothing/the-very-last", &[], None).await;
    page.see("/v1.2/nothing/the-very-last").await;
    let sent = u32::try_from(PER_SECOND * SECONDS).expect("small");
    output::figure(
        "1,000 events a second: events a second that were sent",
        (f64::from(sent) / took.as_secs_f64()).round(),
    );
    output::figure("1,000 events a second: clicks", clicks);
    output::figure(
        "1,000 events a second: ms of the longest click until the next frame",
        milliseconds(&page, "longest.click").await,
    );
    output::figure("1,000 events a second: ms of the longest task", milliseconds(&page, "longest.task").await);
}
