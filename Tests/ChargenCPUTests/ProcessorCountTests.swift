import ChargenCPU
import ChargenTestSupport
import Foundation
import Testing

/// The number of threads, from the files of systems other than this one.
@Suite struct ProcessorCountTests {
    struct Counted: Equatable {
        let limit: Double?
        let cores, available: Int
    }

    /// Writes `files` into a folder and counts the processors that they describe.
    private func count(_ files: [String: String], allowed: [Int] = Array(0..<16)) throws -> Counted {
        let folder = try TemporaryFolder()
        for (path, text) in files {
            let parent = (folder.file(path) as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try folder.write(text + "\n", to: path)
        }
        let count = ProcessorCount(root: folder.path, allowed: allowed)
        return Counted(limit: count.processorLimit, cores: count.performanceCores, available: count.available)
    }

    private static let version2 = [
        "proc/self/mountinfo": """
        24 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
        31 24 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
        """,
        "proc/self/cgroup": "0::/user/job",
    ]
    private static let version1 = [
        "proc/self/mountinfo": """
        31 24 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct
        33 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
        34 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """,
        "proc/self/cgroup": "9:name=systemd:/\n3:cpuset:/b\n2:cpu,cpuacct:/a/b\n0::/",
    ]

    private func with(_ system: [String: String], _ more: [String: String]) -> [String: String] {
        system.merging(more) { $1 }
    }

    @Test func withoutFiles() throws {
        #expect(try count([:], allowed: [2, 3, 7]) == Counted(limit: nil, cores: 3, available: 3))
    }

    // MARK: Control groups

    /// The lowest limit counts, of the group itself or of one above it; a group beside it does not.
    @Test(arguments: [
        (["": "max 100000", "/user": "max 100000", "/user/job": "max 100000"], nil, 16),
        (["/user/job": "350000 100000"], 3.5, 3),
        (["/user": "250000 50000", "/user/job": "600000 100000"], 5, 5),
        (["": "900000 100000", "/user/job": "max 100000"], 9, 9),
        (["/user/job": "20000 100000"], 0.2, 1),
        (["/user/job": "4000000 100000"], 40, 16),
        (["/user/other": "100000 100000", "/job": "100000 100000"], nil, 16),
        (["/user/job": "nonsense"], nil, 16),
    ] as [([String: String], Double?, Int)])
    func limitsOfVersion2(_ limits: [String: String], _ limit: Double?, _ available: Int) throws {
        let files = limits.map { ("sys/fs/cgroup\($0)/cpu.max", $1) }
        let system = with(Self.version2, Dictionary(uniqueKeysWithValues: files))
        #expect(try count(system) == Counted(limit: limit, cores: 16, available: available))
    }

    @Test(arguments: [
        (["/a/b": ("-1", "100000")], nil, 16),
        (["/a/b": ("250000", "100000")], 2.5, 2),
        (["": ("300000", "50000"), "/a": ("700000", "100000"), "/a/b": ("-1", "100000")], 6, 6),
        (["/b": ("100000", "100000")], nil, 16),
    ] as [([String: (String, String)], Double?, Int)])
    func limitsOfVersion1(_ limits: [String: (String, String)], _ limit: Double?, _ available: Int) throws {
        var system = Self.version1
        for (group, (time, period)) in limits {
            system["sys/fs/cgroup/cpu,cpuacct\(group)/cpu.cfs_quota_us"] = time
            system["sys/fs/cgroup/cpu,cpuacct\(group)/cpu.cfs_period_us"] = period
        }
        #expect(try count(system) == Counted(limit: limit, cores: 16, available: available))
    }

    /// In some containers, the root of the mounted folder is the container's own group, but `/proc/self/cgroup` gives the path
    /// that this group has on the host.
    @Test func aContainerSeesItsOwnGroupAsRoot() throws {
        var system = [
            "proc/self/mountinfo":
                "32 31 0:29 /docker/c1 /sys/fs/cgroup/cpu ro,relatime master:9 - cgroup cgroup rw,cpu",
            "proc/self/cgroup": "2:cpu:/docker/c1/inner",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "500000",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        ]
        #expect(try count(system) == Counted(limit: 5, cores: 16, available: 5))
        system["sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us"] = "400000"
        system["sys/fs/cgroup/cpu/inner/cpu.cfs_period_us"] = "100000"
        #expect(try count(system) == Counted(limit: 4, cores: 16, available: 4))
        // A group outside of what can be seen.
        system["proc/self/cgroup"] = "2:cpu:/docker/c10"
        #expect(try count(system) == Counted(limit: 5, cores: 16, available: 5))
    }

    // MARK: Cores

    /// Two processors of one core count once, unless only one of them may be used.
    @Test(arguments: ["core_cpus_list", "thread_siblings_list"])
    func siblingsAreOneCore(_ name: String) throws {
        let topology = (0..<8).map { ("sys/devices/system/cpu/cpu\($0)/topology/\(name)", "\($0 % 4),\($0 % 4 + 4)") }
        let system = Dictionary(uniqueKeysWithValues: topology)
        #expect(try count(system, allowed: Array(0..<8)) == Counted(limit: nil, cores: 4, available: 4))
        #expect(try count(system, allowed: [1, 2, 5]) == Counted(limit: nil, cores: 2, available: 2))
    }

    /// Intel's hybrid processors: 2 performance cores with 2 processors each, 3 efficiency cores.
    @Test func performanceCoresOfIntel() throws {
        let lists = ["0-1", "0-1", "2-3", "2-3", "4", "5", "6"]
        var system = Dictionary(
            uniqueKeysWithValues: lists.enumerated().map {
                ("sys/devices/system/cpu/cpu\($0)/topology/core_cpus_list", $1)
            })
        #expect(try count(system, allowed: Array(0..<7)).cores == 5)
        system["sys/devices/cpu_core/cpus"] = "0-3"
        #expect(try count(system, allowed: Array(0..<7)).cores == 2)
        #expect(try count(system, allowed: [0, 1, 6]).cores == 1)
        #expect(try count(system, allowed: [4, 6]).cores == 2)  // nothing but slow cores
        system["sys/devices/cpu_core/cpus"] = "0,2-3"
        #expect(try count(system, allowed: [1, 2, 4]).cores == 1)
    }

    /// Arm: 4 slow cores, 3 fast ones and one that is a little faster.
    @Test func performanceCoresOfArm() throws {
        let capacities = [280, 280, 280, 280, 770, 770, 770, 1024]
        let files = capacities.enumerated().map { ("sys/devices/system/cpu/cpu\($0)/cpu_capacity", "\($1)") }
        let system = Dictionary(uniqueKeysWithValues: files)
        #expect(try count(system, allowed: Array(0..<8)).cores == 4)
        #expect(try count(system, allowed: [0, 2, 3]).cores == 3)
    }

    @Test func thisMachineHasAtLeastOne() {
        #expect(Processor.availableThreads >= 1)
        #expect(Processor.availableThreads <= ProcessInfo.processInfo.processorCount)
    }
}
