//! Every view in every size and colour scheme: accessibility, width, and what moves while it loads.

use std::sync::Arc;

use crate::{context::Context, example::busy_emulator, page::Look};

/// The sum of what moved without a cause by the user, as the browser scores it.
const SHIFTS: &str = "new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
    }).observe({ type: 'layout-shift', buffered: true });
    // What is buffered is delivered before the second frame.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
})";

/// How much of the window may move by how much of its height, in all.
const LIMIT: f64 = 0.05;

/// The rules that are broken, each with the first elements and the reason.
const AXE: &str = "axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`)))";

pub(crate) async fn axe_finds_no_violation_in_any_view(context: Arc<Context>) {
    let path = std::env::var_os("KANDY_AXE").expect("KANDY_AXE is set; run `cargo xtask browser`");
    let axe = std::fs::read_to_string(path).expect("axe-core");
    let emulator = busy_emulator(&context).await;
    let mut violations = Vec::new();
    for look in Look::ALL {
        let page = context.open_as(&emulator, "", look).await;
        // It is evaluated by the debugger, so that the page keeps its policy.
        page.evaluate(&format!("{axe}; 0")).await;
        for view in page.views().await {
            page.show(&view).await;
            let found: Vec<String> = serde_json::from_value(page.evaluate(AXE).await).expect("texts");
            violations.extend(found.iter().map(|found| format!("{view} {}: {found}", look.name())));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

pub(crate) async fn no_view_is_wider_than_the_window(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    for look in [Look::ALL[0], Look::ALL[2]] {
        let page = context.open_as(&emulator, "", look).await;
        for view in page.views().await {
            page.show(&view).await;
            page.assert_fits(&format!("{view} at {}", look.name())).await;
        }
    }
}

pub(crate) async fn nothing_moves_while_a_view_loads(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    let mut moved = Vec::new();
    for look in [Look::ALL[0], Look::ALL[2]] {
        let page = context.open_as(&emulator, "", look).await;
        for view in page.views().await {
            page.reload_at(&view).await;
            page.see("Connected").await;
            page.settle().await;
            let sum = page.evaluate(SHIFTS).await.as_f64().expect("a number");
            if sum > LIMIT {
                moved.push(format!("{view} at {}: {sum:.3}", look.name()));
            }
        }
    }
    assert!(moved.is_empty(), "{}", moved.join("\n"));
}
