//! Tests of the page of the emulator in Chromium, as its users use it. `cargo xtask browser` runs them.

mod api;
mod chats;
mod chromium;
mod clock;
mod connection;
mod context;
mod emulator;
mod example;
mod faults;
mod harness;
mod hostile;
mod keyboard;
mod layout;
mod load;
mod output;
mod page;
mod phones;
mod pictures;
mod requests;
mod runner;
mod snapshots;
mod state;

use std::process::ExitCode;

const TESTS: &[runner::Test] = runner::tests![
    harness::each_problem_of_a_page_is_seen,
    phones::sms_arrive_live_and_newest_first,
    phones::encoding_and_segments_are_those_of_the_text,
    phones::a_validation_code_is_copied_by_its_button,
    chats::both_see_a_message_at_once_and_either_can_write,
    chats::what_is_typed_survives_a_refresh,
    chats::a_group_is_chosen_and_written_to,
    chats::an_image_is_sent_and_shown_with_its_thumbnail,
    chats::deliveries_and_deletions_are_marked,
    chats::events_of_a_group_are_sentences,
    requests::they_arrive_live_and_are_filtered,
    requests::a_pause_loses_nothing,
    requests::older_ones_are_loaded,
    requests::the_curl_command_keeps_an_encoded_path_and_the_body,
    requests::the_curl_command_sends_the_same_and_runs_nothing_else,
    requests::one_is_shown_in_full_beside_its_documentation,
    requests::the_whole_log_is_searched_and_the_failed_are_selected,
    requests::the_focus_stays_while_others_arrive,
    state::names_are_shown_and_found,
    state::tokens_are_masked_with_the_time_that_is_left,
    state::a_long_list_comes_in_pages_and_is_searched,
    faults::an_armed_fault_is_shown_counted_and_removed,
    faults::each_kind_is_armed_by_its_form,
    clock::it_is_moved_and_tokens_expire,
    clock::all_tokens_are_expired,
    api::an_operation_is_found_documented_and_sent,
    api::tokens_are_called_for_with_the_credentials_of_the_seed,
    api::the_spec_is_downloaded,
    snapshots::the_state_is_kept_restored_and_forgotten,
    snapshots::a_wrong_name_and_a_missing_file_are_refused,
    snapshots::a_downloaded_state_is_uploaded_again,
    hostile::texts_are_shown_as_they_are,
    hostile::names_parameters_and_paths_make_no_markup_in_any_view,
    hostile::long_words_and_emoji_do_not_widen_the_page,
    layout::axe_finds_no_violation_in_any_view,
    layout::no_view_is_wider_than_the_window,
    layout::nothing_moves_while_a_view_loads,
    keyboard::tab_reaches_every_control_and_marks_it,
    keyboard::the_first_link_skips_the_navigation,
    keyboard::views_are_opened_and_used,
    connection::it_connects_again_after_a_restart,
    connection::it_works_over_tls,
    connection::a_foreign_page_reads_changes_and_frames_nothing,
    load::ten_thousand_requests_are_shown_soon,
    load::a_thousand_events_a_second_leave_time_for_clicks,
    pictures::of_every_view,
    pictures::readme,
];

fn main() -> ExitCode {
    runner::main(TESTS)
}
