namespace Lofizone.Logs;

/// <summary>
/// Why events happen, and by whom. The cause belongs to the flow of work that began it, so that the code that changes a zone's state need
/// not know for whom it works, and several zones side by side keep their causes apart.
/// </summary>
public sealed class EventCause : IDisposable
{
    private static readonly AsyncLocal<EventCause?> _current = new();
    private static EventActor? _command;

    private readonly EventCause? _outer;

    private EventCause(string? operation, EventActor? by)
    {
        _outer = _current.Value;
        Operation = operation ?? _outer?.Operation;
        By = by ?? _outer?.By ?? (_command ??= EventActor.OfCommand());
        _current.Value = this;
    }

    /// <summary>The cause of the present work; null when there is none.</summary>
    public static EventCause? Current => _current.Value;

    public string? Operation { get; }

    public EventActor By { get; }

    /// <summary>Begins work. The outer cause gives what is null here. The disposal ends the work.</summary>
    public static EventCause Begin(string? operation, EventActor? by = null) => new(operation, by);

    public void Dispose() => _current.Value = _outer;
}
