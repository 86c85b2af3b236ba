import CChargenKernels
import Synchronization
import Testing

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

    /// What `Phases` counts: for each phase and item, how often it was taken.
    final class Phases: Sendable {
        static let items = 37, count = 300
        let taken = Mutex([Int](repeating: 0, count: items * count))
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
                for phase in 0..<Phases.count {
                    while case let item = ck_next(turns), item >= 0 {
                        phases.taken.withLock { $0[phase * Phases.items + item] += 1 }
                        // The first member dawdles.
                        if turns!.pointee.index == 0 { for _ in 0..<2000 { phases.taken.withLock { _ in } } }
                    }
                    ck_meet(turns, Phases.items)
                }
            }, Unmanaged.passUnretained(phases).toOpaque())
        #expect(phases.taken.withLock { $0.allSatisfy { $0 == 1 } })
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
}
