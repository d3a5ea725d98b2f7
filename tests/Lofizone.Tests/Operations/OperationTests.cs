using Lofizone.Operations;

namespace Lofizone.Tests.Operations;

public sealed class OperationTests
{
    private readonly List<string> _log = [];
    private readonly RecordingReporter _reporter = new();

    [Fact]
    public async Task Steps_run_in_order_and_each_is_reported_with_its_number()
    {
        Operation operation = await Run(Good("one"), Good("two"));
        Assert.Equal(["one", "two"], _log);
        Assert.Equal(["one", "two"], operation.Took.Keys);
        Assert.Collection(_reporter.Lines, l => Assert.StartsWith("[1/2] one: ", l), l => Assert.StartsWith("[2/2] two: ", l));
    }

    [Fact]
    public async Task A_failed_step_undoes_itself_and_those_before_it_in_reverse_order()
    {
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Run(Good("one"), Good("two"), Bad("three"), Good("four")));
        Assert.Equal("three failed", error.Message);
        Assert.Equal(["one", "two", "undo three", "undo two", "undo one"], _log);
    }

    [Fact]
    public async Task What_could_not_be_undone_is_in_the_message_and_the_other_steps_are_undone()
    {
        Step stuck = new("two", "two", _ => Task.CompletedTask, _ => throw new IOException("still busy"));
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => Run(Good("one"), stuck, Bad("three")));
        Assert.Contains("three failed", error.Message, StringComparison.Ordinal);
        Assert.Contains("two: still busy", error.Message, StringComparison.Ordinal);
        Assert.Equal(["one", "undo three", "undo one"], _log);
    }

    [Fact]
    public async Task A_cancelled_operation_is_undone()
    {
        using CancellationTokenSource source = new();
        Step cancels = new("two", "two", async c =>
        {
            await source.CancelAsync();
            c.ThrowIfCancellationRequested();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Operation("boot", "web", [Good("one"), cancels], TimeProvider.System).RunAsync(_reporter, source.Token));
        Assert.Equal(["one", "undo one"], _log);
    }

    private async Task<Operation> Run(params Step[] steps)
    {
        Operation operation = new("boot", "web", steps, TimeProvider.System);
        await operation.RunAsync(_reporter, CancellationToken.None);
        return operation;
    }

    private Step Good(string name) => new(name, name, _ => Log(name), _ => Log($"undo {name}"));

    private Step Bad(string name) => new(name, name, _ => throw new LofizoneException($"{name} failed"), _ => Log($"undo {name}"));

    private Task Log(string text)
    {
        _log.Add(text);
        return Task.CompletedTask;
    }
}
