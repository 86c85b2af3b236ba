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
                team, 1,
                { context, _, _, _ in
                    Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue().calls.add(1, ordering: .relaxed)
                }, Unmanaged.passUnretained(counts).toOpaque())
            #expect(counts.calls.load(ordering: .relaxed) == job * Int(ck_team_size(team)))
        }
    }

    @Test(arguments: [2, 3, 7]) func nobodyPassesTheBarrierBeforeAllHaveCome(size: Int) {
        let team = ck_team_create(Int32(size))!
        defer { ck_team_destroy(team) }
        let counts = Counts()
        ck_team_run(
            team, 1,
            { context, team, _, count in
                let counts = Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue()
                for round in 1...500 {
                    counts.calls.add(1, ordering: .relaxed)
                    ck_team_barrier(team, count)
                    if counts.calls.load(ordering: .relaxed) < round * Int(count) {
                        counts.early.add(1, ordering: .relaxed)
                    }
                    ck_team_barrier(team, count)
                }
            }, Unmanaged.passUnretained(counts).toOpaque())
        #expect(counts.early.load(ordering: .relaxed) == 0)
    }

    @Test func createdAndDestroyedOften() {
        let counts = Counts()
        for _ in 0..<1000 {
            let team = ck_team_create(3)!
            ck_team_run(
                team, 1,
                { context, _, _, _ in
                    Unmanaged<Counts>.fromOpaque(context!).takeUnretainedValue().calls.add(1, ordering: .relaxed)
                }, Unmanaged.passUnretained(counts).toOpaque())
            ck_team_destroy(team)
        }
        #expect(counts.calls.load(ordering: .relaxed) == 3000)
    }
}
