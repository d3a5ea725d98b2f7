using System.Text.Json;
using Lofizone.Devices;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Testing.Nfs;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>
/// The writer of the owner record is killed before the write, between the write under a temporary name and the rename, or right after the
/// rename. The record is then the old or the new one, the next attach works at once, and no generation is lower than the generation that
/// was found.
/// </summary>
public sealed class OwnerRecordTests() : NfsDeviceBed(new GaneshaOptions { LeaseSeconds = LeaseSeconds, RootSquash = true }, ImageBytes)
{
    private const long ImageBytes = 8 << 20;
    private const long OldGeneration = 41;
    private const string RecordName = "web.img.owner.json";

    /// <summary>The lease is longer than any attach may take, so that an attach that waited for its end would be too late.</summary>
    private const int LeaseSeconds = 120;

    private readonly LofiHost _other = new();

    public static MatrixTheoryData<bool, string> Deaths => new([true, false], [FaultPoint.Before, FaultPoint.Written, FaultPoint.After]);

    public override async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await base.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_death_while_the_owner_record_is_written_leaves_the_old_or_the_new_one_and_the_next_attach_works(bool isNfs, string moment)
    {
        (ShareUri image, string directory) = isNfs
            ? (Image, Server.ExportDirectory)
            : (Host.MakeImage(bytes: ImageBytes), Host.ShareDirectory);
        string record = Path.Combine(directory, RecordName);
        // The old record is of a host that no longer exists.
        await File.WriteAllTextAsync(record, $$"""{"host":"former","hostId":"0","since":"2020-01-01T00:00:00Z","version":"0","generation":{{OldGeneration}},"attachment":"old"}""", Cancellation);
        File.SetUnixFileMode(record, (UnixFileMode)0b110_110_110);

        ProgramResult killed = await Host.ProbeAsync("attach", image.ToString(), $"{FaultPoint.Store}/{RecordName}/{moment}");
        Assert.NotEqual(0, killed.ExitCode);
        // On NFS the engine dies. The command lives, and removes its engine's record when it can do so within half a second. Without a
        // record generations begin at 1 again.
        long? left = await GenerationAsync(record);
        Assert.Contains(left, moment != FaultPoint.After ? [OldGeneration] : isNfs ? (long?[])[null, OldGeneration + 1] : [OldGeneration + 1]);
        Assert.Equal(moment == FaultPoint.Written ? 1 : 0, Temporaries(directory).Length);

        // Another host gets the image at once, and is a real owner. Then the host of the dead command gets the image, without any cleanup
        // first.
        LofiDevice device = await _other.AttachAsync(image);
        Assert.Equal((left ?? 0) + 1, await GenerationAsync(record));
        LofizoneException refused = await Assert.ThrowsAsync<LofizoneException>(() => Host.AttachAsync(image));
        Assert.Contains("locked by host", refused.Message, StringComparison.Ordinal);
        Assert.Equal((left ?? 0) + 1, await GenerationAsync(record));
        await _other.DetachAsync(device);
        await Host.DetachAsync(await Host.AttachAsync(image));
        Assert.Null(await GenerationAsync(record));
        foreach (string temporary in Temporaries(directory))
            File.Delete(temporary);
        Host.AssertNothingLeft();
        _other.AssertNothingLeft();
    }

    /// <summary>Temporary files of a death between write and rename. No program reads files of such names.</summary>
    private static string[] Temporaries(string directory) =>
        [.. Directory.GetFiles(directory).Where(f => Path.GetFileName(f) is not RecordName && f.Contains(RecordName, StringComparison.Ordinal))];

    /// <summary>Generation of the record; null when there is no record.</summary>
    private static async Task<long?> GenerationAsync(string record)
    {
        if (!File.Exists(record))
            return null;
        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(record, Cancellation));
        return json.RootElement.GetProperty("generation").GetInt64();
    }
}
