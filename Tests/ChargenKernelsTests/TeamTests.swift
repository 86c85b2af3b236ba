import CChargenKernels
import CForkTesting
import Synchronization
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The team of threads.
@Suite struct TeamTests {
    final class Counts: Sendable {
        let calls = Atomic<Int>(0)
        let early = Atomic<Int>(0)
    }

    @Test(arguments: [1, 2, 3, 7]) func everyMemberRunsEveryJobOnce(size: Int) {
        let team = ck_team_create(Int32(size))!
        defer { ck_team_destroy(team) }
        let counts = Counts()
        for job in 1...200 {
            ck_team_run(
                team, 1, 0,
                { context, _ in
                    Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue().calls.add(1, ordering: .relaxed)
                }, Unmanaged.passUnretained(counts).toOpaque())
            #expect(counts.calls.load(ordering: .relaxed) == job * Int(ck_team_size(team)))
        }
    }

    @Test(arguments: [2, 3, 7]) func nobodyGoesOnBeforeAllHaveMet(size: Int) {
        let team = ck_team_create(Int32(size))!
        defer { ck_team_destroy(team) }
        let counts = Counts()
        ck_team_run(
            team, 1, 0,
            { context, turns in
                let counts = Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue()
                for round in 1...500 {
                    counts.calls.add(1, ordering: .relaxed)
                    ck_meet(turns, 0)
                    if counts.calls.load(ordering: .relaxed) < round * Int(turns!.pointee.count) {
                        counts.early.add(1, ordering: .relaxed)
                    }
                    ck_meet(turns, 0)
                }
            }, Unmanaged.passUnretained(counts).toOpaque())
        #expect(counts.early.load(ordering: .relaxed) == 0)
    }

    /// The items of one phase that were taken, as bits, and what went wrong.
    final class Phases: Sendable {
        static let items = 37, count = 300
        let taken = Atomic<UInt64>(0)
        let takenTwice = Atomic<Int>(0)
        let incomplete = Atomic<Int>(0)
    }

    /// Every item of every phase is taken once, also where one member is slow and others take its items.
    @Test(arguments: [(1, 1), (2, 1), (3, 1), (7, 1), (3, 0)]) func everyItemIsTakenOnce(size: Int, wide: Int) {
        let team = ck_team_create(Int32(size))!
        defer { ck_team_destroy(team) }
        let phases = Phases()
        ck_team_run(
            team, Int32(wide), Phases.items,
            { context, turns in
                let phases = Unmanaged<Phases>.fromOpaque(context!).takeUnretainedValue()
                for _ in 0..<Phases.count {
                    while case let item = ck_next(turns), item >= 0 {
                        let bit = UInt64(1) << UInt64(item)
                        let before = phases.taken.bitwiseOr(bit, ordering: .relaxed).oldValue
                        if before & bit != 0 { phases.takenTwice.add(1, ordering: .relaxed) }
                        // The first member dawdles.
                        if turns!.pointee.index == 0 { for _ in 0..<500 { _ = phases.taken.load(ordering: .relaxed) } }
                    }
                    ck_meet(turns, 0)
                    if turns!.pointee.index == 0 {
                        if phases.taken.load(ordering: .relaxed) != (1 << UInt64(Phases.items)) - 1 {
                            phases.incomplete.add(1, ordering: .relaxed)
                        }
                        phases.taken.store(0, ordering: .relaxed)
                    }
                    ck_meet(turns, Phases.items)
                }
            }, Unmanaged.passUnretained(phases).toOpaque())
        #expect(phases.takenTwice.load(ordering: .relaxed) == 0)
        #expect(phases.incomplete.load(ordering: .relaxed) == 0)
    }

    @Test func createdAndDestroyedOften() {
        let counts = Counts()
        for _ in 0..<1000 {
            let team = ck_team_create(3)!
            ck_team_run(
                team, 1, 0,
                { context, _ in
                    Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue().calls.add(1, ordering: .relaxed)
                }, Unmanaged.passUnretained(counts).toOpaque())
            ck_team_destroy(team)
        }
        #expect(counts.calls.load(ordering: .relaxed) == 3000)
    }

    /// A forked process has none of its parent's threads; its team starts new ones, also where the old ones slept.
    @Test(arguments: [1, 2, 3, 7], [false, true]) func inheritedByAForkedProcess(size: Int, asleep: Bool) {
        let team = ck_team_create(Int32(size))!
        defer { ck_team_destroy(team) }
        let counts = Counts()
        func run() {
            ck_team_run(
                team, 1, 0,
                { context, _ in
                    Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue().calls.add(1, ordering: .relaxed)
                }, Unmanaged.passUnretained(counts).toOpaque())
        }
        run()
        if asleep { usleep(20_000) }
        #expect(fork_and_run(team, 50) == ck_team_size(team))
        run()
        #expect(counts.calls.load(ordering: .relaxed) == 2 * Int(ck_team_size(team)))
    }
}
