//! The zoo over seeds: what is planted is caught, by one of the monitors that it is meant for.
//!
//! Here are those that show within a few dozen runs. All others, which need several faults to meet in a short time, are
//! looked for by the landing check, with a release build.

mod common;

use common::assert_caught;
use interregnum::Control;
use interregnum_sims::CATALOGUE;

#[test]
fn the_canary_is_caught_whatever_the_seed() {
    for seed in 0..5 {
        assert_caught("zoo/canary", seed..seed + 1);
    }
}

#[test]
fn every_planted_bug_has_a_control_or_says_why_not() {
    for scenario in CATALOGUE.0.iter().filter(|scenario| scenario.planted().is_some()) {
        let name = scenario.name();
        match scenario.control() {
            Control::Is { what, settings, without } => {
                assert!(!what.is_empty(), "{name}");
                assert!(settings.len() + without.len() > 0, "{name}: nothing is put right");
                for (key, value) in settings {
                    scenario.parameters().set(key, value).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
            Control::CannotBe { why } => assert!(!why.is_empty(), "{name}"),
            Control::Missing => panic!("{name} has no control"),
        }
    }
}

#[test]
fn a1_the_znode_of_a_former_session_is_caught() {
    assert_caught("zoo/A1", 0..100);
}

#[test]
fn a5_a_missing_parent_ignored_is_caught() {
    assert_caught("zoo/A5", 0..100);
}

#[test]
fn a9_a_znode_leaked_on_close_is_caught() {
    assert_caught("zoo/A9", 0..100);
}

#[test]
fn a10_a_start_without_a_connection_is_caught() {
    assert_caught("zoo/A10", 0..100);
}

#[test]
fn a12_a_slow_stop_is_caught() {
    assert_caught("zoo/A12", 0..100);
}

#[test]
fn a15_an_offer_left_behind_is_caught() {
    assert_caught("zoo/A15", 0..100);
}

#[test]
fn a19_a_clean_up_that_fails_is_caught() {
    assert_caught("zoo/A19", 0..100);
}

#[test]
fn a20_a_waiter_that_sleeps_on_is_caught() {
    assert_caught("zoo/A20", 0..100);
}

#[test]
fn a21_a_leader_that_does_not_listen_is_caught() {
    assert_caught("zoo/A21", 0..100);
}

#[test]
fn a22_an_unchecked_write_is_caught() {
    assert_caught("zoo/A22", 0..100);
}

#[test]
fn a23_an_election_taken_for_done_is_caught() {
    assert_caught("zoo/A23", 0..100);
}

#[test]
fn a24_data_taken_for_an_owner_is_caught() {
    assert_caught("zoo/A24", 0..100);
}

#[test]
fn a26_masters_of_one_address_is_caught() {
    assert_caught("zoo/A26", 0..100);
}

#[test]
fn a27_a_late_delete_is_caught() {
    assert_caught("zoo/A27", 0..100);
}

#[test]
fn a31_a_flag_that_is_kept_is_caught() {
    assert_caught("zoo/A31", 0..100);
}

#[test]
fn a32_an_act_before_the_fence_is_caught() {
    assert_caught("zoo/A32", 0..100);
}

#[test]
fn a7_a_create_made_blindly_again_is_caught() {
    assert_caught("zoo/A7", 0..200);
}

#[test]
fn a13_an_order_by_full_names_is_caught() {
    assert_caught("zoo/A13", 0..200);
}

#[test]
fn a14_ignored_session_is_caught() {
    assert_caught("zoo/A14", 0..200);
}

#[test]
fn a17_wrong_watch_is_caught() {
    assert_caught("zoo/A17", 0..200);
}

#[test]
fn a28_check_then_act_is_caught() {
    assert_caught("zoo/A28", 0..200);
}

#[test]
fn a29_wall_clock_lease_is_caught() {
    assert_caught("zoo/A29", 0..200);
}

#[test]
fn a30_ignored_disconnection_is_caught() {
    assert_caught("zoo/A30", 0..200);
}

#[test]
fn c14_early_expiry_is_caught() {
    assert_caught("zoo/C14", 0..200);
}

#[test]
fn c17_lost_watches_are_caught() {
    assert_caught("zoo/C17", 0..200);
}

#[test]
fn b1_an_epoch_used_twice_is_caught() {
    assert_caught("zoo/B1", 0..100);
}

#[test]
fn b5_an_acknowledgement_before_the_disk_is_caught() {
    assert_caught("zoo/B5", 0..100);
}

#[test]
fn b11_a_forgotten_tail_is_caught() {
    assert_caught("zoo/B11", 0..100);
}

#[test]
fn b12_new_leader_first_is_caught() {
    assert_caught("zoo/B12", 0..100);
}

#[test]
fn b16_too_little_truncated_is_caught() {
    assert_caught("zoo/B16", 0..100);
}

#[test]
fn b16_too_much_truncated_is_caught() {
    assert_caught("zoo/B16-more", 0..100);
}

#[test]
fn b16_a_gap_is_caught() {
    assert_caught("zoo/B16-gap", 0..100);
}

#[test]
fn b17_no_quorum_of_promises_is_caught() {
    assert_caught("zoo/B17", 0..100);
}

#[test]
fn b19_a_refused_repair_is_caught() {
    assert_caught("zoo/B19", 0..100);
}

#[test]
fn b27_half_is_a_quorum_is_caught() {
    assert_caught("zoo/B27", 0..100);
}

#[test]
fn c1_more_after_the_close_is_caught() {
    assert_caught("zoo/C1", 0..100);
}

#[test]
fn c6_a_move_that_is_forgotten_is_caught() {
    assert_caught("zoo/C6", 0..100);
}

#[test]
fn c10_watches_removed_by_their_path_alone_are_caught() {
    assert_caught("zoo/C10", 0..100);
}

#[test]
fn c11_heartbeats_behind_writes_are_caught() {
    assert_caught("zoo/C11", 0..100);
}

#[test]
fn c12_no_expiry_while_cut_off_is_caught() {
    assert_caught("zoo/C12", 0..200);
}

#[test]
fn c18_watches_not_restored_are_caught() {
    assert_caught("zoo/C18", 0..100);
}

#[test]
fn c15_forgotten_time_is_caught() {
    assert_caught("zoo/C15", 0..100);
}

#[test]
fn c19_touches_not_relayed_is_caught() {
    assert_caught("zoo/C19", 0..100);
}
