using Lofizone.Engine;
using Lofizone.Shares;

namespace Lofizone.Devices;

/// <summary>
/// Notes the time since when the server of a device on the kernel's NFS client is silent, for listings, which ask no server. The notes do
/// not depend on reads of the device, which wait in the kernel until the server is back.
/// </summary>
internal sealed class AwayNotes(ShareUri file, EngineDirectory directory, EngineLog log, TimeProvider time)
{
    /// <summary>Interval of the questions to the server.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Asks until the device is gone.</summary>
    /// <param name="answers">Asks the server for a sign of life.</param>
    /// <param name="gone">Set when the device is taken away.</param>
    public async Task KeepAsync(Func<CancellationToken, Task<bool>> answers, CancellationToken gone)
    {
        DateTimeOffset? away = null;
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(gone))
            {
                bool there = await answers(gone);
                if (there == away is null)
                    continue;
                away = there ? null : time.GetUtcNow();
                log.Write($"{file}: its server {(there ? "answers again" : "does not answer")}");
                directory.NoteAway(away);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The device is gone, and so is its directory.
        }
    }
}
