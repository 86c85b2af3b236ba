import CChargenKernels

/// What the machine offers to computation.
public enum Processor {
    /// Threads worth running at once: the processors this process may use, within the limit of its control group.
    public static var availableThreads: Int {
        let count = Int(ck_available_processors())
        #if os(Linux)
            // "max 100000" or "150000 100000": microseconds of processor time in each period.
            if let quota = contents(ofFile: "/sys/fs/cgroup/cpu.max")?.split(whereSeparator: \.isWhitespace),
                quota.count == 2, let time = Double(quota[0]), let period = Double(quota[1]), period > 0
            {
                return min(count, max(1, Int((time / period).rounded(.up))))
            }
        #endif
        return count
    }
}
