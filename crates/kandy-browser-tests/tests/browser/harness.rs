//! What fails a test is seen: a page that has every kind of problem.

use std::sync::Arc;

use crate::context::Context;

/// Code of the page, with a text that the report of each problem has.
const PROBLEMS: [(&str, &str); 6] = [
    ("alert('a dialog')", "dialog: a dialog"),
    ("console.error('an error')", "an error"),
    ("console.warn('a warning')", "a warning"),
    ("setTimeout(() => { throw new Error('an exception'); })", "exception: Error: an exception"),
    ("fetch('/_emulator/missing').then(() => 0)", "status of 404"),
    ("document.body.setAttribute('onclick', 'x()')", "Content Security Policy"),
];

pub(crate) async fn each_problem_of_a_page_is_seen(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "phones").await;
    page.settle().await;
    assert_eq!(page.problems.unexpected(), [""; 0]);
    for (code, expected) in PROBLEMS {
        page.evaluate(code).await;
        page.settle().await;
        let seen = page.problems.unexpected();
        assert!(seen.len() == 1 && seen[0].contains(expected), "{code}: {seen:?}");
        page.problems.expect(expected);
    }
}
