using Lofizone.Basics;

namespace Lofizone.Engine;

/// <summary>When an engine that has died is started again: at once, unless it dies again and again.</summary>
internal static class RestartPolicy
{
    /// <summary>Deaths in a row before any of the engines had got through its resume.</summary>
    public const int WithoutProgressLimit = 10;

    /// <summary>Deaths within <see cref="Window"/>, whatever was reached in between.</summary>
    public const int InWindowLimit = 60;

    /// <summary>Of the deaths without progress, those that are followed by a restart at once.</summary>
    private const int AtOnce = 3;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly BackOff _pauses = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1));

    /// <summary>How long to wait before the next start; null: give up.</summary>
    /// <param name="deaths">Earlier ones, oldest first.</param>
    /// <param name="death">The one just now.</param>
    /// <param name="time">For the difference of timestamps.</param>
    public static TimeSpan? Next(IReadOnlyList<EngineDeath> deaths, EngineDeath death, TimeProvider time)
    {
        int recent = 1;
        int stuck = 1;
        bool inRow = true;
        for (int i = deaths.Count - 1; i >= 0 && time.GetElapsedTime(deaths[i].Timestamp, death.Timestamp) <= Window; i--)
        {
            recent++;
            inRow &= deaths[i].Progress == death.Progress;
            if (inRow)
                stuck++;
        }

        if (recent >= InWindowLimit || stuck >= WithoutProgressLimit)
            return null;
        return stuck <= AtOnce ? TimeSpan.Zero : _pauses.After(stuck - AtOnce - 1);
    }
}
