import CChargenKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Counts the cores that the threads of a computation can use at once.
///
/// Two threads on one physical core share its arithmetic units, so one thread for each core is fastest. On processors with
/// fast and slow cores only the fast ones count, because each step of a recurrent layer waits for the slowest thread. Limits
/// of control groups (containers, services) are rounded down: a thread beyond the limit is paused for the rest of each
/// period, and the others wait for it.
///
/// Linux describes this in files. `root` is prepended to their paths; it is empty except in tests.
package struct ProcessorCount {
    private let root: String
    private let allowed: [Int]

    /// - Parameters:
    ///   - root: the folder that holds `proc` and `sys`, without a slash at the end.
    ///   - allowed: the numbers of the processors that the process may run on (its affinity).
    package init(root: String, allowed: [Int]) {
        self.root = root
        self.allowed = allowed
    }

    /// The number of threads for this process, at least 1.
    package static var current: Int {
        let most = 1 << 20
        var numbers = [Int32](repeating: 0, count: 1024)
        var count = Int(ck_allowed_processors(Int32(numbers.count), &numbers))
        if count == numbers.count {
            numbers = [Int32](repeating: 0, count: most)
            count = Int(ck_allowed_processors(Int32(most), &numbers))
        }
        guard count > 0 else { return max(1, Int(ck_performance_cores())) }
        return ProcessorCount(root: "", allowed: numbers[..<count].map(Int.init)).available
    }

    /// The number of performance cores, or the limit of the control groups where that is lower; at least 1.
    package var available: Int { max(1, min(performanceCores, processorLimit.map { Int($0) } ?? .max)) }

    // MARK: Cores

    /// The number of physical performance cores among the allowed processors.
    package var performanceCores: Int {
        // Processors of one core have one list of siblings. It is called `thread_siblings_list` by systems before Linux 5.3.
        Set(
            performanceProcessors.map { number in
                let topology = "/sys/devices/system/cpu/cpu\(number)/topology/"
                return line(topology + "core_cpus_list") ?? line(topology + "thread_siblings_list") ?? "\(number)"
            }
        ).count
    }

    /// The allowed processors without those of slow cores.
    private var performanceProcessors: [Int] {
        // Intel's hybrid processors list the processors of their performance cores here.
        if let list = line("/sys/devices/cpu_core/cpus").map(Self.numbers(inList:)) {
            let fast = allowed.filter(list.contains)
            return fast.isEmpty ? allowed : fast
        }
        // Arm's tell how fast a processor is in relation to the fastest, which has 1024.
        let capacities = allowed.map { line("/sys/devices/system/cpu/cpu\($0)/cpu_capacity").flatMap { Int($0) } }
        guard let largest = capacities.compactMap({ $0 }).max() else { return allowed }
        return zip(allowed, capacities).filter { 2 * ($0.1 ?? largest) > largest }.map(\.0)
    }

    /// The numbers in a list such as "0-3,8,10-11".
    static func numbers(inList text: String) -> Set<Int> {
        var numbers = Set<Int>()
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            if let first = ends.first, let last = ends.last, first <= last { numbers.formUnion(first...last) }
        }
        return numbers
    }

    // MARK: Limits of control groups

    /// The lowest limit, in processors, of the process's own control groups and all above them; nil where none has a limit.
    package var processorLimit: Double? {
        memberships.flatMap { membership in
            mounts.filter { $0.isVersion2 == membership.isVersion2 }.flatMap { mount in
                mount.folders(of: membership.path).compactMap { limit(ofGroup: $0, isVersion2: mount.isVersion2) }
            }
        }.min()
    }

    /// The limit of the group in `folder`.
    private func limit(ofGroup folder: String, isVersion2: Bool) -> Double? {
        // Microseconds of processor time in each period: "150000 100000" in version 2, two files in version 1. Without a
        // limit, the time is "max" or -1.
        let numbers =
            isVersion2
            ? (line(folder + "/cpu.max") ?? "").split(separator: " ").map { Double($0) }
            : ["/cpu.cfs_quota_us", "/cpu.cfs_period_us"].map { line(folder + $0).flatMap { Double($0) } }
        guard numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0 else { return nil }
        return time / period
    }

    /// A control group that the process is in.
    private struct Membership {
        let path: String
        let isVersion2: Bool
    }

    /// The groups of the process that can limit its processor time: "4:cpu,cpuacct:/a/b" of version 1, "0::/a/b" of
    /// version 2.
    private var memberships: [Membership] {
        lines("/proc/self/cgroup").compactMap { line in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            if fields[0] == "0", fields[1].isEmpty { return Membership(path: String(fields[2]), isVersion2: true) }
            let isOfTime = fields[1].split(separator: ",").contains("cpu")
            return isOfTime ? Membership(path: String(fields[2]), isVersion2: false) : nil
        }
    }

    /// A place where a hierarchy of control groups is seen as folders.
    private struct Mount {
        /// The group that is seen at `folder`: "/", or in some containers the container's own group.
        let group: String
        let folder: String
        let isVersion2: Bool

        /// The folders of the group at `path` and of all groups above it that can be seen.
        func folders(of path: String) -> [String] {
            var inside = path[...]
            if group != "/" {
                guard path == group || path.hasPrefix(group + "/") else { return [folder] }
                inside = path.dropFirst(group.count)
            }
            var folders = [folder]
            for name in inside.split(separator: "/") { folders.append(folders.last! + "/" + name) }
            return folders
        }
    }

    /// The mounted hierarchies that can limit processor time. A line of `mountinfo` is "… group folder options … - type
    /// source options"; version 1 names its controllers in the last options.
    private var mounts: [Mount] {
        lines("/proc/self/mountinfo").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 1 else { return nil }
            let type = fields[dash + 1]
            let isOfTime = type == "cgroup" && fields.last!.split(separator: ",").contains("cpu")
            guard type == "cgroup2" || isOfTime else { return nil }
            return Mount(group: String(fields[3]), folder: String(fields[4]), isVersion2: type == "cgroup2")
        }
    }

    // MARK: Files

    private func lines(_ path: String) -> [Substring] { (text(path) ?? "").split(separator: "\n") }

    /// The first line of a file; nil where there is none.
    private func line(_ path: String) -> String? { lines(path).first.map(String.init) }

    /// The text of a file, or nil where it cannot be read. The files of `proc` and `sys` do not tell their sizes.
    private func text(_ path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](), part = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
