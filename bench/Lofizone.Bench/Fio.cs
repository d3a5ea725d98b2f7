using System.Text.Json;
using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>Runs fio on one file with direct I/O and reads its JSON.</summary>
public sealed class Fio(IProgramRunner runner)
{
    /// <summary>Size of the file that every row works on, MiB.</summary>
    public const int FileMegabytes = 1024;

    private const int WarmUpSeconds = 1;

    private static readonly TimeSpan _layoutLimit = TimeSpan.FromMinutes(5);

    /// <summary>Writes the whole file once, so that no row measures the allocation of blocks.</summary>
    public async Task LayOutAsync(string file, CancellationToken cancellation) =>
        await runner.RunCheckedAsync(Call(file, new FioRow("write", "1M", 8), "--end_fsync=1") with { TimeLimit = _layoutLimit }, cancellation);

    /// <summary>One measurement.</summary>
    public async Task<FioResult> MeasureAsync(string file, FioRow row, int seconds, CancellationToken cancellation)
    {
        ProgramCall call = Call(file, row, "--time_based", $"--runtime={seconds}", $"--ramp_time={WarmUpSeconds}", "--output-format=json");
        ProgramResult result = await runner.RunCheckedAsync(call with { TimeLimit = TimeSpan.FromSeconds(seconds) + _layoutLimit }, cancellation);
        using JsonDocument json = JsonDocument.Parse(result.Output[result.Output.IndexOf('{')..]);
        JsonElement side = json.RootElement.GetProperty("jobs")[0].GetProperty(row.Writes ? "write" : "read");
        double bandwidth = side.GetProperty("bw_bytes").GetDouble();
        // fio leaves the warm-up out of its counters; CPU time is taken around all of the run.
        double bytes = bandwidth * (seconds + WarmUpSeconds);
        return new FioResult(row.Unit == "IOPS" ? side.GetProperty("iops").GetDouble() : bandwidth / 1e6, bytes);
    }

    private static ProgramCall Call(string file, FioRow row, params string[] more) => new("fio",
    [
        "--name=row", $"--filename={file}", $"--size={FileMegabytes}m",
        $"--rw={row.Pattern}", $"--bs={row.BlockSize}", $"--iodepth={row.Depth}",
        "--ioengine=libaio", "--direct=1", "--randrepeat=1", "--norandommap", "--fallocate=none", .. more,
    ]);
}
