namespace Lofizone.Bench;

/// <summary>On what the figures were found.</summary>
public sealed record MachineFacts(string Kernel, int Cores, string Processor, double MemoryGigabytes, string Server, string Date)
{
    public static MachineFacts Read(string server, TimeProvider time) => new(
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Environment.ProcessorCount,
        Field("/proc/cpuinfo", "model name") ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString(),
        Math.Round(double.Parse(Field("/proc/meminfo", "MemTotal")!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) / 1048576, 1),
        server,
        time.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() =>
        FormattableString.Invariant($"{Date}; Linux {Kernel}, {Cores} cores ({Processor}), {MemoryGigabytes} GiB; {Server}");

    private static string? Field(string file, string name) => File.ReadLines(file)
        .FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
}
