namespace Lofizone.Accounting;

/// <summary>Bytes of one network interface since it was made.</summary>
/// <param name="Received">Bytes towards the interface's owner.</param>
/// <param name="Sent">Bytes from the owner.</param>
public sealed record InterfaceCounters(long Received, long Sent)
{
    private const long BytesPerMegabit = 1_000_000 / 8;

    // Columns of /proc/net/dev behind the interface's name (proc_pid_net(5)).
    private const int ReceivedColumn = 0, SentColumn = 8;

    /// <summary>Reads an interface's directory below /sys/class/net; null when there is no such interface.</summary>
    internal static InterfaceCounters? Read(string directory) =>
        KernelText.Number(KernelText.Read($"{directory}/statistics/rx_bytes")) is { } received
            && KernelText.Number(KernelText.Read($"{directory}/statistics/tx_bytes")) is { } sent
            ? new InterfaceCounters(received, sent)
            : null;

    /// <summary>Speed in bytes a second; null when the kernel knows none.</summary>
    internal static long? Speed(string directory) =>
        KernelText.Number(KernelText.Read($"{directory}/speed")) is { } megabits and > 0 ? megabits * BytesPerMegabit : null;

    /// <summary>Finds an interface in the text of /proc/net/dev; null when the text has none of that name.</summary>
    internal static InterfaceCounters? Find(string? devices, string name)
    {
        foreach (string line in (devices ?? "").Split('\n'))
        {
            string[] halves = line.Split(':', 2);
            if (halves.Length < 2 || halves[0].Trim() != name)
                continue;
            string[] columns = halves[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return KernelText.Number(columns.ElementAtOrDefault(ReceivedColumn)) is { } received
                && KernelText.Number(columns.ElementAtOrDefault(SentColumn)) is { } sent
                ? new InterfaceCounters(received, sent)
                : null;
        }

        return null;
    }
}
